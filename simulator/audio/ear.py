"""What a party hears: the last half minute, and when each sample of it was heard."""

from __future__ import annotations

import time
from collections import deque

import numpy as np

from simulator.audio.samples import FRAME_MS, RATE, Pcm
from simulator.waiting import Changes

KEPT_SECONDS = 30.0
_NOTHING_CAME = 0.25
"""Seconds without a frame after which silence was heard, not a late frame."""
_NEAR = 0.5
"""Seconds around a sample whose frames tell when it was heard: the one that came with the least delay counts."""


class Ear:
    """Frames go in as they come; positions are counted in samples since the ear was opened. One loop."""

    def __init__(self, rate: int = RATE, *, kept_seconds: float = KEPT_SECONDS) -> None:
        self.rate = rate
        self.position = 0
        """Samples heard so far."""
        self.changes = Changes()
        """Told about every frame and every tick."""
        self._ring = np.zeros(round(rate * kept_seconds), np.int16)
        self._opened = time.monotonic()
        self._arrivals: deque[tuple[int, float]] = deque(maxlen=round(kept_seconds * 1000 / FRAME_MS))

    def hear(self, sound: Pcm, *, at: float | None = None) -> None:
        """Take in what came at that `time.monotonic()` moment, now when left out."""
        self._arrivals.append((self.position, time.monotonic() if at is None else at))
        self._append(sound)
        self.changes.notify()

    def tick(self) -> None:
        """Time passes: a party to whom nothing is sent hears silence."""
        missing = round((time.monotonic() - self._opened) * self.rate) - self.position
        if missing > _NOTHING_CAME * self.rate:
            self._append(np.zeros(missing, np.int16))
        self.changes.notify()

    def between(self, start: int, end: int | None = None) -> Pcm:
        """What was heard from one position to another; what is too long ago is left out."""
        last = self.position if end is None else min(end, self.position)
        first = max(start, self.position - len(self._ring), 0)
        return self._ring[np.arange(first, max(first, last)) % len(self._ring)]

    def moment(self, position: float) -> float:
        """When the sample at `position` was heard, on `time.monotonic()`: frames that came late do not count."""
        near = [at - start / self.rate for start, at in self._arrivals if abs(start - position) < _NEAR * self.rate]
        return min(near, default=self._opened) + position / self.rate

    def _append(self, sound: Pcm) -> None:
        kept = sound[-len(self._ring) :]
        start = self.position + len(sound) - len(kept)
        self._ring[np.arange(start, start + len(kept)) % len(self._ring)] = kept
        self.position += len(sound)
