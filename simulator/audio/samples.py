"""Sound in its two forms: `Signal` to compute with, `Pcm` as it travels.

Levels are dBFS as AES17 has them: 0 dBFS is a sine wave that just reaches full scale, so a tone's level and its
peak are one number, and a square wave can have +3.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from simulator.errors import ConfigurationError

RATE = 16000
"""Samples per second, unless told otherwise."""
FRAME_MS = 20
FULL_SCALE = 32768.0
NOTHING_DBFS = -100.0
"""The level of digital silence: quieter than one bit of 16 can say."""

Signal: TypeAlias = npt.NDArray[np.float64]
"""Samples from -1 to 1."""
Pcm: TypeAlias = npt.NDArray[np.int16]
"""16-bit samples."""
Sound: TypeAlias = Signal | Pcm


def as_signal(sound: Sound) -> Signal:
    """Samples from -1 to 1, of either form."""
    if sound.dtype == np.int16:
        return sound.astype(np.float64) / FULL_SCALE
    return sound.astype(np.float64, copy=False)


def as_pcm(sound: Sound) -> Pcm:
    """16-bit samples, of either form; what is louder than full scale is clipped."""
    if sound.dtype == np.int16:
        return sound.astype(np.int16, copy=False)
    return np.clip(np.rint(sound * FULL_SCALE), -32768, 32767).astype(np.int16)


def mixed(*sounds: Sound) -> Signal:
    """The sum, as long as the longest."""
    total = np.zeros(max(map(len, sounds), default=0))
    for sound in sounds:
        total[: len(sound)] += as_signal(sound)
    return total


def joined(*sounds: Sound) -> Signal:
    """One after the other."""
    return np.concatenate([np.zeros(0), *map(as_signal, sounds)])


def amplitude(dbfs: float) -> float:
    """The peak of a sine wave of that level."""
    return float(10 ** (dbfs / 20))


def moments(seconds: float, rate: int) -> Signal:
    """The time of each sample, in seconds from 0."""
    if not 0 <= seconds <= 3600:
        raise ConfigurationError("seconds", seconds, "0 to 3600")
    if not 4000 <= rate <= 192_000:
        raise ConfigurationError("rate", rate, "4000 to 192000 samples per second")
    return np.arange(round(seconds * rate)) / rate


def faded(signal: Signal, rate: int, ms: float = 5) -> Signal:
    """The same without clicks: raised-cosine edges of so many ms, or half of what is shorter than two of them."""
    edge = min(round(rate * ms / 1000), len(signal) // 2)
    if edge == 0:
        return signal
    rise = 0.5 - 0.5 * np.cos(np.pi * (np.arange(edge) + 0.5) / edge)
    result = signal.copy()
    result[:edge] *= rise
    result[-edge:] *= rise[::-1]
    return result
