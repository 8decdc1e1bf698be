"""The audio that a party receives: the samples of the last 30 s, and their times of arrival."""

from __future__ import annotations

import time
from collections import deque

import numpy as np

from simulator.audio.samples import FRAME_MS, RATE, Pcm
from simulator.waiting import Changes

KEPT_SECONDS = 30.0
_GAP_SECONDS = 0.6
"""Time without a frame after which silence is appended; before that, the frame may just be late: PJSIP makes up for
0.5 s of ticks that it has missed."""
_NEARBY_SECONDS = 0.5
"""A sample's time of arrival is that of the least delayed frame within this distance."""


class ReceivedAudio:
    """A ring buffer of received samples. Positions count samples since its creation. Used on one loop only."""

    def __init__(self, rate: int = RATE, *, kept_seconds: float = KEPT_SECONDS) -> None:
        self.rate = rate
        self.position = 0
        """Number of samples received so far."""
        self.changes = Changes()
        """Notified of each frame and each `tick`."""
        self._ring = np.zeros(round(rate * kept_seconds), np.int16)
        self._opened = time.monotonic()
        self._gap_at: int | None = None
        """Where the latest `tick` has found a gap."""
        self._arrivals: deque[tuple[int, float]] = deque(maxlen=round(kept_seconds * 1000 / FRAME_MS))

    def receive(self, sound: Pcm, *, at: float | None = None) -> None:
        """Append samples that arrived at `time.monotonic()` = `at`, or now."""
        self._arrivals.append((self.position, time.monotonic() if at is None else at))
        self._append(sound)
        self.changes.notify()

    def tick(self) -> None:
        """Append silence for any time without frames, and make waiters check their conditions.

        Two calls in a row have to find the gap: after a time in which this process did not run, frames are still to be
        read.
        """
        missing = round((time.monotonic() - self._opened) * self.rate) - self.position
        is_gap = missing > _GAP_SECONDS * self.rate
        if is_gap and self._gap_at == self.position:
            self._append(np.zeros(missing, np.int16))
        self._gap_at = self.position if is_gap else None
        self.changes.notify()

    def drop(self) -> None:
        """Keep no samples any more: neither those so far nor later ones."""
        self._ring = np.zeros(0, np.int16)
        self._arrivals.clear()

    def between(self, start: int, end: int | None = None) -> Pcm:
        """The samples from position `start` to `end` (None: the newest), except those no longer kept."""
        last = self.position if end is None else min(end, self.position)
        first = max(start, self.position - len(self._ring), 0)
        if not len(self._ring):
            return self._ring
        return self._ring[np.arange(first, max(first, last)) % len(self._ring)]

    def arrival_time(self, position: float) -> float:
        """Arrival time of the sample at `position` (`time.monotonic()`), based on the least delayed frame nearby."""
        nearby = [
            at - start / self.rate
            for start, at in self._arrivals
            if abs(start - position) < _NEARBY_SECONDS * self.rate
        ]
        return min(nearby, default=self._opened) + position / self.rate

    def _append(self, sound: Pcm) -> None:
        if not len(self._ring):
            self.position += len(sound)
            return
        kept = sound[-len(self._ring) :]
        start = self.position + len(sound) - len(kept)
        self._ring[np.arange(start, start + len(kept)) % len(self._ring)] = kept
        self.position += len(sound)
