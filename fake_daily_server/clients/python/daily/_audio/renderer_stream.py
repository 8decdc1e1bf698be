"""What an audio renderer gets of a voice: at its rate, in its intervals, without gaps. Pure; the time is given."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .resampling import Resampler
from .wire import FRAME_S, RATE, SAMPLES

_PATIENCE_S = 0.12
"""A frame that has not come this long after its time was not said: there is silence instead."""
_SILENCE = np.zeros(SAMPLES, np.int16)


class Rendering:
    """The sound of one participant on its way to one renderer, from the moment at which it can be heard."""

    def __init__(self, sample_rate: int, interval_ms: int, now: float) -> None:
        self._resampler = Resampler(RATE, sample_rate)
        self._interval_bytes = 2 * (sample_rate * interval_ms // 1000)
        self._made = bytearray()
        self._due = now

    def hear(self, pcm: bytes) -> Iterator[bytes]:
        """A frame came; the intervals that it completes."""
        return self._render(np.frombuffer(pcm, "<i2"))

    def wait(self, now: float) -> Iterator[bytes]:
        """Time has passed; the intervals of silence that are due because nothing was said."""
        while now > self._due + _PATIENCE_S:
            yield from self._render(_SILENCE)

    def _render(self, samples: np.ndarray[tuple[int], np.dtype[np.int16]]) -> Iterator[bytes]:
        self._due += FRAME_S
        self._made += self._resampler(samples).astype("<i2", copy=False).tobytes()
        while len(self._made) >= self._interval_bytes:
            yield bytes(self._made[: self._interval_bytes])
            del self._made[: self._interval_bytes]
