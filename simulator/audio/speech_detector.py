"""Detects speech in audio.

Speech differs from other sounds by three features together: frames with a pitch and many harmonics (tones have few
harmonics, noise has no pitch), a level that varies with the syllables (a hum has a constant level), and a minimum
duration of such frames.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.audio.levels import frame_levels
from simulator.audio.samples import RATE, Sound, as_signal
from simulator.differences import Difference

QUIETEST_DBFS = -50.0
BELOW_LOUDEST_DB = 35.0
"""Frames more than this below the loudest frame, or below `QUIETEST_DBFS`, do not count."""
SHORTEST_VOICED_SECONDS = 0.2
"""Minimum duration of voiced sound in speech."""
SMALLEST_VOICED_SHARE = 0.2
"""Minimum share of voiced frames in speech."""
SMALLEST_VARIATION_DB = 2.5
"""Minimum variation of the level of speech: standard deviation over the frames that count."""
LARGEST_TONAL_SHARE = 0.7
"""Maximum share of tonal frames in speech. Measured: at most 0.5 in 12,000 pieces of babble, at least 0.9 in tones."""
PITCH_HZ = (70.0, 350.0)
"""Range of the pitch of voices."""
_FRAME_MS = 40.0
_PERIODIC = 0.45
"""A frame is voiced if its autocorrelation at some pitch exceeds this."""
_TONAL = 0.93
"""A frame is tonal if its four strongest frequencies have more than this share of the power."""


@dataclass(frozen=True, slots=True)
class SpeechFeatures:
    """The features of a sound by which speech is detected."""

    loud_seconds: float
    """Duration of the frames that are loud enough to be speech."""
    voiced_seconds: float
    """Duration of the loud frames that have a pitch and many harmonics."""
    tonal_seconds: float
    """Duration of the loud frames that consist of a few tones."""
    variation_db: float
    """Variation of the level: standard deviation over the loud frames."""

    @property
    def is_speech(self) -> bool:
        """Whether the features are those of speech."""
        return not self.missed

    @property
    def missed(self) -> list[Difference]:
        """The features that are not those of speech."""
        voiced = max(SHORTEST_VOICED_SECONDS, SMALLEST_VOICED_SHARE * self.loud_seconds)
        tonal = LARGEST_TONAL_SHARE * self.loud_seconds
        missed = []
        if self.voiced_seconds < voiced:
            missed.append(Difference("voiced sound", f"at least {voiced:.2f} s", f"{self.voiced_seconds:.2f} s"))
        if self.loud_seconds and self.tonal_seconds >= tonal:
            missed.append(Difference("tonal sound", f"less than {tonal:.2f} s", f"{self.tonal_seconds:.2f} s"))
        if self.variation_db < SMALLEST_VARIATION_DB:
            least = f"at least {SMALLEST_VARIATION_DB:g} dB"
            missed.append(Difference("variation of the level", least, f"{self.variation_db:.1f} dB"))
        return missed


def speech_features(sound: Sound, rate: int = RATE) -> SpeechFeatures:
    """Measure the features of a sound, which should last half a second or more."""
    signal = as_signal(sound)
    levels = frame_levels(signal, rate, _FRAME_MS)
    if len(levels) == 0:
        return SpeechFeatures(0, 0, 0, 0)
    active = levels > max(QUIETEST_DBFS, levels.max() - BELOW_LOUDEST_DB)
    size = round(rate * _FRAME_MS / 1000)
    frames = signal[: len(levels) * size].reshape(-1, size)[active]
    if len(frames) == 0:
        return SpeechFeatures(0, 0, 0, 0)
    tonal = _tonal(frames)
    voiced = _voiced(frames, rate) & ~tonal
    unit = _FRAME_MS / 1000
    variation = float(np.std(levels[active]))
    return SpeechFeatures(len(frames) * unit, float(voiced.sum()) * unit, float(tonal.sum()) * unit, variation)


def has_speech(sound: Sound, rate: int = RATE) -> bool:
    """Whether the sound contains speech."""
    return speech_features(sound, rate).is_speech


def _voiced(frames: npt.NDArray[np.float64], rate: int) -> npt.NDArray[np.bool_]:
    """For each frame: whether it is periodic with the pitch of a voice."""
    size = frames.shape[1]
    centred = frames - frames.mean(axis=1, keepdims=True)
    spectrum = np.abs(np.fft.rfft(centred, 2 * size, axis=1)) ** 2
    correlation = np.fft.irfft(spectrum, axis=1)[:, :size]
    shortest, longest = int(rate / PITCH_HZ[1]), min(int(rate / PITCH_HZ[0]), size - 1)
    lags = np.arange(shortest, longest + 1)
    overlap = 1 - lags / size
    best = (correlation[:, lags] / overlap).max(axis=1)
    return np.asarray(best >= _PERIODIC * np.maximum(correlation[:, 0], 1e-12))


def _tonal(frames: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """For each frame: whether it consists of at most four frequencies."""
    power = np.abs(np.fft.rfft(frames * np.hanning(frames.shape[1]), axis=1)) ** 2
    total = np.maximum(power.sum(axis=1), 1e-12)
    share = np.zeros(len(frames))
    index = np.arange(len(frames))
    for _ in range(4):
        top = np.clip(power.argmax(axis=1), 2, power.shape[1] - 3)
        for near in range(-2, 3):
            share += power[index, top + near]
            power[index, top + near] = 0
    return np.asarray(share / total >= _TONAL)
