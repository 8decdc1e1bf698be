"""RendererStream: converts room frames to the rate and interval of one renderer. The time is a parameter."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .resampling import Resampler
from .wire import FRAME_S, RATE, SAMPLES

_OVERDUE_S = 0.12
"""The delay after which a missing frame is replaced with silence."""
_SILENCE = np.zeros(SAMPLES, np.int16)


class RendererStream:
    """The gapless audio of one participant for one renderer, from the time `now` on."""

    def __init__(self, sample_rate: int, interval_ms: int, now: float) -> None:
        self._resampler = Resampler(RATE, sample_rate)
        self._interval_bytes = 2 * (sample_rate * interval_ms // 1000)
        self._buffer = bytearray()
        self._due = now

    def push(self, pcm: bytes) -> Iterator[bytes]:
        """Add a frame of the room; yield the intervals that it completes."""
        return self._render(np.frombuffer(pcm, "<i2"))

    def fill_silence(self, now: float) -> Iterator[bytes]:
        """Replace frames that are overdue at the time `now` with silence; yield the intervals that this completes."""
        while now > self._due + _OVERDUE_S:
            yield from self._render(_SILENCE)

    def _render(self, samples: np.ndarray[tuple[int], np.dtype[np.int16]]) -> Iterator[bytes]:
        self._due += FRAME_S
        self._buffer += self._resampler(samples).astype("<i2", copy=False).tobytes()
        while len(self._buffer) >= self._interval_bytes:
            yield bytes(self._buffer[: self._interval_bytes])
            del self._buffer[: self._interval_bytes]
