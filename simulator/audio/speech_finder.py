"""Whether somebody is talking.

Speech is told from other sound by three things together: pieces with a pitch and many harmonics (tones have few, noise
has no pitch), loudness that comes and goes with the syllables (hums, fans and ring tones in their on-time stay), and
enough of both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.audio.levels import frame_levels
from simulator.audio.samples import RATE, Sound, as_signal

QUIETEST_DBFS = -50.0
BELOW_LOUDEST_DB = 35.0
"""What is quieter, or quieter than the loudest frame by so much, is not talking."""
LEAST_SECONDS = 0.2
"""Of voiced sound, for a piece to be speech."""
LEAST_CHANGE_DB = 2.5
"""Standard deviation of the loudness while sound is there."""
PITCH_HZ = (70.0, 350.0)
_FRAME_MS = 40.0
_PERIODIC = 0.45
_FEW_TONES = 0.93
"""A frame whose four strongest bins, with their neighbours, have more than this part of the power is a tone."""


@dataclass(frozen=True, slots=True)
class Talk:
    """What was found out about a piece of sound."""

    seconds: float
    """Of sound that is loud enough to be talking."""
    voiced_seconds: float
    """Of that, with a pitch and many harmonics."""
    tone_seconds: float
    """Of that, made of few tones."""
    change_db: float
    """How much the loudness changes."""

    @property
    def is_speech(self) -> bool:
        """Whether it is speech."""
        return (
            self.voiced_seconds >= LEAST_SECONDS
            and self.voiced_seconds >= 0.2 * self.seconds
            and self.tone_seconds < 0.5 * self.seconds
            and self.change_db >= LEAST_CHANGE_DB
        )


def analysed(sound: Sound, rate: int = RATE) -> Talk:
    """The facts for the verdict; sound of half a second or more has enough of them."""
    signal = as_signal(sound)
    levels = frame_levels(signal, rate, _FRAME_MS)
    if len(levels) == 0:
        return Talk(0, 0, 0, 0)
    active = levels > max(QUIETEST_DBFS, levels.max() - BELOW_LOUDEST_DB)
    size = round(rate * _FRAME_MS / 1000)
    frames = signal[: len(levels) * size].reshape(-1, size)[active]
    if len(frames) == 0:
        return Talk(0, 0, 0, 0)
    tonal = _few_tones(frames)
    voiced = _pitched(frames, rate) & ~tonal
    unit = _FRAME_MS / 1000
    change = float(np.std(levels[active]))
    return Talk(len(frames) * unit, float(voiced.sum()) * unit, float(tonal.sum()) * unit, change)


def has_speech(sound: Sound, rate: int = RATE) -> bool:
    """Whether somebody talks in it."""
    return analysed(sound, rate).is_speech


def _pitched(frames: npt.NDArray[np.float64], rate: int) -> npt.NDArray[np.bool_]:
    """Whether each frame repeats itself at the period of a voice."""
    size = frames.shape[1]
    centred = frames - frames.mean(axis=1, keepdims=True)
    spectrum = np.abs(np.fft.rfft(centred, 2 * size, axis=1)) ** 2
    correlation = np.fft.irfft(spectrum, axis=1)[:, :size]
    shortest, longest = int(rate / PITCH_HZ[1]), min(int(rate / PITCH_HZ[0]), size - 1)
    lags = np.arange(shortest, longest + 1)
    overlap = 1 - lags / size
    best = (correlation[:, lags] / overlap).max(axis=1)
    return np.asarray(best >= _PERIODIC * np.maximum(correlation[:, 0], 1e-12))


def _few_tones(frames: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Whether each frame is made of four frequencies or fewer."""
    power = np.abs(np.fft.rfft(frames * np.hanning(frames.shape[1]), axis=1)) ** 2
    total = np.maximum(power.sum(axis=1), 1e-12)
    share = np.zeros(len(frames))
    index = np.arange(len(frames))
    for _ in range(4):
        top = np.clip(power.argmax(axis=1), 2, power.shape[1] - 3)
        for near in range(-2, 3):
            share += power[index, top + near]
            power[index, top + near] = 0
    return np.asarray(share / total >= _FEW_TONES)
