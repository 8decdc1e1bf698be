"""NativeVad: how much 10 ms of sound are like somebody speaking."""

from __future__ import annotations

import math
from array import array

from .._native.classes import instance, native_class, not_made_by_users, unsigned

_SILENT_DBFS, _LOUD_DBFS = -50.0, -30.0
"""Nothing is heard below the first; whoever is as loud as the second is taken to speak."""


@native_class
class NativeVad:
    """Tells sound from silence by its level alone.

    daily-python asks a neural network, which also tells speech from steady noise. Silence, soft noise and voices at an
    ordinary level get the same verdict from both.
    """

    __slots__ = ("_channels", "_reset_period_ms", "_sample_rate")

    _channels: int
    _reset_period_ms: int
    _sample_rate: int

    def __new__(cls) -> NativeVad:
        """Only `Daily.create_native_vad` makes these."""
        raise not_made_by_users(cls)

    @property
    def reset_period_ms(self) -> int:
        """As it was given. Nothing has to be reset here."""
        return self._reset_period_ms

    @property
    def sample_rate(self) -> int:
        """Frames a second."""
        return self._sample_rate

    @property
    def channels(self) -> int:
        """1 for mono, 2 for stereo."""
        return self._channels

    def analyze_frames(self, frames: bytes) -> float:
        """The confidence, from 0 to 1, that somebody speaks in the first 10 ms; 0 when there is less.

        Raises ValueError for a part of a sample.
        """
        instance(frames, bytes)
        if len(frames) % 2:
            raise ValueError("frames bytestring should contain 16-bit samples")
        samples = array("h", frames[: 2 * self._channels * (self._sample_rate // 100)])
        if not samples or len(samples) < self._channels * (self._sample_rate // 100):
            return 0.0
        power = sum(sample * sample for sample in samples) / len(samples)
        level = 10 * math.log10(power / 32768**2) if power else -math.inf
        return min(1.0, max(0.0, (level - _SILENT_DBFS) / (_LOUD_DBFS - _SILENT_DBFS)))


def create_native_vad(reset_period_ms: int = 1000, sample_rate: int = 16000, channels: int = 1) -> NativeVad:
    """A detector for sound of this kind."""
    vad: NativeVad = object.__new__(NativeVad)
    vad._reset_period_ms = unsigned(reset_period_ms)
    vad._sample_rate = unsigned(sample_rate)
    vad._channels = unsigned(channels, 8)
    return vad
