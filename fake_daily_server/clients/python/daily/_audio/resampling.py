"""Streaming sample rate conversion with numpy: the output of each call has the duration of its input.

soxr is not used here: it returns a stream in blocks, which turns 20 ms at 8 kHz into bursts of 100 ms.
"""

from __future__ import annotations

from functools import lru_cache
from math import gcd
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Samples = npt.NDArray[np.int16]
    Floats = npt.NDArray[np.float32]

_ZERO_CROSSINGS = 16
"""Zero crossings on each side of the filter: a delay of 1 ms at 16 kHz, and 80 dB stopband attenuation."""
_PASSBAND = 0.92
"""The passband as a fraction of the lower Nyquist frequency."""


@lru_cache(maxsize=64)
def _filter(up: int, down: int) -> Floats:
    """A windowed-sinc polyphase filter: one row of coefficients per phase, newest sample last."""
    cutoff = _PASSBAND * min(1.0, up / down)
    half = int(np.ceil(_ZERO_CROSSINGS / cutoff))
    distance = np.arange(-half + 1, half + 1)[None, :] - np.arange(up)[:, None] / up
    window = np.i0(9.0 * np.sqrt(np.clip(1 - (distance / half) ** 2, 0, 1))) / np.i0(9.0)
    weights = np.sinc(cutoff * distance) * window
    return np.ascontiguousarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


class Resampler:
    """Converts a stream of mono samples from one rate to another."""

    def __init__(self, rate: int, to: int) -> None:
        common = gcd(rate, to)
        self._up, self._down = to // common, rate // common
        self._filter = _filter(self._up, self._down)
        self._taps = self._filter.shape[1]
        self._history = np.zeros(self._taps - 1, np.float32)
        self._next = 0
        """Position of the next output sample, in units of 1/up input sample, relative to the first new input sample."""

    def __call__(self, samples: Samples) -> Samples:
        """Process the next samples; returns the output that they complete."""
        if self._up == self._down:
            return samples
        audio = np.concatenate((self._history, samples), dtype=np.float32)
        at = np.arange(self._next, len(samples) * self._up, self._down)
        self._next += len(at) * self._down - len(samples) * self._up
        self._history = audio[len(audio) - self._taps + 1 :]
        windows = np.lib.stride_tricks.sliding_window_view(audio, self._taps)[at // self._up]
        filtered = np.einsum("ij,ij->i", windows, self._filter[at % self._up])
        resampled: Samples = np.clip(np.rint(filtered), -32768, 32767).astype(np.int16)
        return resampled


def to_mono(pcm: bytes, channels: int) -> Samples:
    """Return the mean of the channels of interleaved 16-bit samples."""
    samples = np.frombuffer(pcm, "<i2")
    if channels == 1:
        return samples
    mean: Samples = samples.reshape(-1, channels).mean(axis=1).astype(np.int16)
    return mean


def to_channels(samples: Samples, channels: int) -> bytes:
    """Return interleaved 16-bit samples with the mono samples in every channel."""
    return np.repeat(samples, channels).astype("<i2", copy=False).tobytes()
