"""Sound at another rate, piece by piece, with numpy. As many samples come out at once as the time that went in has.

soxr is not used for this: it gives a stream back in blocks, which makes 20 ms at 8 kHz come in lumps of 100 ms.
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
"""Of the filter, on each side: 1 ms of delay at 16 kHz, and 80 dB down outside of the band."""
_BAND = 0.92
"""Of the lower rate's half that passes."""


@lru_cache(maxsize=64)
def _filter(up: int, down: int) -> Floats:
    """One row of weights for each phase: a windowed sinc, newest sample last."""
    cut = _BAND * min(1.0, up / down)
    half = int(np.ceil(_ZERO_CROSSINGS / cut))
    distance = np.arange(-half + 1, half + 1)[None, :] - np.arange(up)[:, None] / up
    window = np.i0(9.0 * np.sqrt(np.clip(1 - (distance / half) ** 2, 0, 1))) / np.i0(9.0)
    weights = np.sinc(cut * distance) * window
    return np.ascontiguousarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


class Resampler:
    """A stream of mono samples from one rate to another."""

    def __init__(self, rate: int, to: int) -> None:
        common = gcd(rate, to)
        self._up, self._down = to // common, rate // common
        self._filter = _filter(self._up, self._down)
        self._taps = self._filter.shape[1]
        self._kept = np.zeros(self._taps - 1, np.float32)
        self._next = 0
        """Where the next sample is taken, in 1/up of an input sample, counted from the first new one."""

    def __call__(self, samples: Samples) -> Samples:
        """The next samples, and the ones that they make."""
        if self._up == self._down:
            return samples
        sound = np.concatenate((self._kept, samples), dtype=np.float32)
        at = np.arange(self._next, len(samples) * self._up, self._down)
        self._next += len(at) * self._down - len(samples) * self._up
        self._kept = sound[len(sound) - self._taps + 1 :]
        around = np.lib.stride_tricks.sliding_window_view(sound, self._taps)[at // self._up]
        made = np.einsum("ij,ij->i", around, self._filter[at % self._up])
        resampled: Samples = np.clip(np.rint(made), -32768, 32767).astype(np.int16)
        return resampled


def mono(pcm: bytes, channels: int) -> Samples:
    """Interleaved 16-bit samples as one channel: their mean."""
    samples = np.frombuffer(pcm, "<i2")
    if channels == 1:
        return samples
    mean: Samples = samples.reshape(-1, channels).mean(axis=1).astype(np.int16)
    return mean


def spread(samples: Samples, channels: int) -> bytes:
    """Mono samples in every channel, as interleaved 16-bit samples."""
    return np.repeat(samples, channels).astype("<i2", copy=False).tobytes()
