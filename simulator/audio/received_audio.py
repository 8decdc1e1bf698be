"""The audio that a party receives: the last half minute of samples, and when each of them arrived."""

from __future__ import annotations

import time
from collections import deque

import numpy as np

from simulator.audio.samples import FRAME_MS, RATE, Pcm
from simulator.waiting import Changes

KEPT_SECONDS = 30.0
_GAP_SECONDS = 0.25
"""Without a frame for this long the party receives silence; before that, a frame may still be late."""
_NEARBY_SECONDS = 0.5
"""How far around a sample frames are considered for its time of arrival; the least delayed of them counts."""


class ReceivedAudio:
    """A ring buffer of received samples. Positions count samples since it was made. Used on one loop only."""

    def __init__(self, rate: int = RATE, *, kept_seconds: float = KEPT_SECONDS) -> None:
        self.rate = rate
        self.position = 0
        """Number of samples received so far."""
        self.changes = Changes()
        """Notified of each frame and each `tick`."""
        self._ring = np.zeros(round(rate * kept_seconds), np.int16)
        self._opened = time.monotonic()
        self._arrivals: deque[tuple[int, float]] = deque(maxlen=round(kept_seconds * 1000 / FRAME_MS))

    def receive(self, sound: Pcm, *, at: float | None = None) -> None:
        """Append samples that arrived at `time.monotonic()` = `at`, or now."""
        self._arrivals.append((self.position, time.monotonic() if at is None else at))
        self._append(sound)
        self.changes.notify()

    def tick(self) -> None:
        """Append silence for the time in which no frame arrived, and let waits check their time limits."""
        missing = round((time.monotonic() - self._opened) * self.rate) - self.position
        if missing > _GAP_SECONDS * self.rate:
            self._append(np.zeros(missing, np.int16))
        self.changes.notify()

    def between(self, start: int, end: int | None = None) -> Pcm:
        """The samples from position `start` to `end` (or to the newest), without those that are no longer kept."""
        last = self.position if end is None else min(end, self.position)
        first = max(start, self.position - len(self._ring), 0)
        return self._ring[np.arange(first, max(first, last)) % len(self._ring)]

    def arrival_time(self, position: float) -> float:
        """When the sample at `position` arrived, on `time.monotonic()`, judged by the frames that were not late."""
        nearby = [
            at - start / self.rate
            for start, at in self._arrivals
            if abs(start - position) < _NEARBY_SECONDS * self.rate
        ]
        return min(nearby, default=self._opened) + position / self.rate

    def _append(self, sound: Pcm) -> None:
        kept = sound[-len(self._ring) :]
        start = self.position + len(sound) - len(kept)
        self._ring[np.arange(start, start + len(kept)) % len(self._ring)] = kept
        self.position += len(sound)
