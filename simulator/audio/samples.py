"""The two representations of audio: `Signal` for computing, `Pcm` for transport.

Levels are in dBFS as defined by AES17: 0 dBFS is a sine wave that just reaches full scale. The level of a tone is
therefore its peak, and a square wave can have +3 dBFS.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from simulator.errors import ConfigurationError

RATE = 16000
"""Default sampling rate, in samples per second."""
FRAME_MS = 20
"""Duration of the frames of live audio."""
FULL_SCALE = 32768.0
DIGITAL_SILENCE_DBFS = -100.0
"""The level given for digital silence: quieter than 16 bits can represent."""

LONGEST_SECONDS = 600.0
"""Longest sound that is made from its description; each second takes 0.4 MB while it is made."""

Signal: TypeAlias = npt.NDArray[np.float64]
"""Samples from -1 to 1, shape (samples,)."""
Pcm: TypeAlias = npt.NDArray[np.int16]
"""16-bit samples, shape (samples,)."""
Sound: TypeAlias = Signal | Pcm


def check_seconds(seconds: float, field: str = "seconds") -> float:
    """Return `seconds`. Raises ConfigurationError for a sound without length, or longer than ten minutes."""
    if not 0 < seconds <= LONGEST_SECONDS:
        raise ConfigurationError(field, seconds, f"more than 0 and at most {LONGEST_SECONDS:g} seconds")
    return seconds


def as_signal(sound: Sound) -> Signal:
    """Convert to samples from -1 to 1."""
    if sound.dtype == np.int16:
        return sound.astype(np.float64) / FULL_SCALE
    return sound.astype(np.float64, copy=False)


def as_pcm(sound: Sound) -> Pcm:
    """Convert to 16-bit samples; values beyond full scale are clipped."""
    if sound.dtype == np.int16:
        return sound.astype(np.int16, copy=False)
    return np.clip(np.rint(sound * FULL_SCALE), -32768, 32767).astype(np.int16)


def mixed(*sounds: Sound) -> Signal:
    """Add the sounds; the result is as long as the longest."""
    total = np.zeros(max(map(len, sounds), default=0))
    for sound in sounds:
        total[: len(sound)] += as_signal(sound)
    return total


def joined(*sounds: Sound) -> Signal:
    """Concatenate the sounds."""
    return np.concatenate([np.zeros(0), *map(as_signal, sounds)])


def amplitude(dbfs: float) -> float:
    """The peak of a sine wave of the given level, 0 to 1."""
    return float(10 ** (dbfs / 20))


def sample_times(seconds: float, rate: int) -> Signal:
    """The time of each sample in seconds, beginning at 0."""
    if not 0 <= seconds <= 3600:
        raise ConfigurationError("seconds", seconds, "0 to 3600")
    if not 4000 <= rate <= 192_000:
        raise ConfigurationError("rate", rate, "4000 to 192000 samples per second")
    return np.arange(round(seconds * rate)) / rate


def faded(signal: Signal, rate: int, ms: float = 5) -> Signal:
    """Fade in and out over `ms`, at most half of the sound, with raised-cosine edges, which removes clicks."""
    edge = min(round(rate * ms / 1000), len(signal) // 2)
    if edge == 0:
        return signal
    rise = 0.5 - 0.5 * np.cos(np.pi * (np.arange(edge) + 0.5) / edge)
    result = signal.copy()
    result[:edge] *= rise
    result[-edge:] *= rise[::-1]
    return result
