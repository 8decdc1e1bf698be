"""NativeVad: voice activity detection by audio level."""

from __future__ import annotations

import math
from array import array

from .._native.classes import check_instance, native_class, no_public_constructor, unsigned

_SILENT_DBFS, _LOUD_DBFS = -50.0, -30.0
"""The levels at which the confidence is 0 and 1; in between, the confidence is linear in the level."""


@native_class
class NativeVad:
    """Distinguishes speech from silence by the level alone.

    daily-python uses a neural network, which also distinguishes speech from steady noise. For silence, soft noise and
    voices at an ordinary level, both give the same result.
    """

    __slots__ = ("_channels", "_reset_period_ms", "_sample_rate")

    _channels: int
    _reset_period_ms: int
    _sample_rate: int

    def __new__(cls) -> NativeVad:
        """Raise TypeError: only `Daily.create_native_vad` creates these."""
        raise no_public_constructor(cls)

    @property
    def reset_period_ms(self) -> int:
        """The reset period in ms, as set. It has no effect here: the detector keeps no state."""
        return self._reset_period_ms

    @property
    def sample_rate(self) -> int:
        """Sample rate in frames per second."""
        return self._sample_rate

    @property
    def channels(self) -> int:
        """1 for mono, 2 for stereo."""
        return self._channels

    def analyze_frames(self, frames: bytes) -> float:
        """Return the confidence, from 0 to 1, that the first 10 ms are speech; 0 if `frames` is shorter.

        Raises ValueError if `frames` ends within a sample.
        """
        check_instance(frames, bytes)
        if len(frames) % 2:
            raise ValueError("frames bytestring should contain 16-bit samples")
        samples = array("h", frames[: 2 * self._channels * (self._sample_rate // 100)])
        if not samples or len(samples) < self._channels * (self._sample_rate // 100):
            return 0.0
        power = sum(sample * sample for sample in samples) / len(samples)
        level = 10 * math.log10(power / 32768**2) if power else -math.inf
        return min(1.0, max(0.0, (level - _SILENT_DBFS) / (_LOUD_DBFS - _SILENT_DBFS)))


def create_native_vad(reset_period_ms: int = 1000, sample_rate: int = 16000, channels: int = 1) -> NativeVad:
    """Create a detector for audio of this rate and number of channels."""
    vad: NativeVad = object.__new__(NativeVad)
    vad._reset_period_ms = unsigned(reset_period_ms)
    vad._sample_rate = unsigned(sample_rate)
    vad._channels = unsigned(channels, 8)
    return vad
