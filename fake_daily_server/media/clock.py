"""The clock of all sound in a server: a tick at every whole 20 ms of the monotonic clock, so it never drifts."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from fake_daily_server.media.legs import FRAME_MS

logger = logging.getLogger("fake_daily_server.media")

TICK_NS = FRAME_MS * 1_000_000
MOST_BEHIND = 5
"""Ticks that are made up for when the machine was busy. Further ones are skipped, and counted."""


class Ticked(Protocol):
    """Something that does 20 ms of work at each tick."""

    def tick(self) -> None:
        """Must not wait."""


@dataclass(slots=True)
class ClockCounts:
    """Since the clock was made."""

    ticks: int = 0
    late: int = 0
    """Began more than half a frame after their moment."""
    skipped: int = 0
    """Were never done, because the machine was too busy for too long."""
    latest_ns: int = 0
    """The most that one was late."""


class Deadlines:
    """When each tick is due: at every whole 20 ms of the monotonic clock, in ns. `next` says how long to wait."""

    def __init__(self, now: int, counts: ClockCounts) -> None:
        self._began = now - now % TICK_NS
        self._counts = counts
        self._done = 0
        """Ticks since the beginning, skipped ones too."""

    def next(self, now: int) -> int:
        """Nanoseconds until the next tick is due; 0 or less when it is due now."""
        return self._began + (self._done + 1) * TICK_NS - now

    def begin(self, now: int) -> None:
        """The next tick is being done."""
        late = -self.next(now)
        counts = self._counts
        counts.latest_ns = max(counts.latest_ns, late)
        counts.late += late > TICK_NS // 2
        skipped = max(0, late // TICK_NS - MOST_BEHIND)
        counts.skipped += skipped
        counts.ticks += 1
        self._done += skipped + 1


class MediaClock:
    """Ticks everything that was added to it, one after the other, on a thread that exists while there is anything.

    A thread and not the event loop, since a room created or a module imported there would be heard. `now` gives
    monotonic ns and `wait` waits so many seconds or until the event; both can be replaced to test an hour in no time.
    """

    def __init__(
        self,
        *,
        now: Callable[[], int] = time.monotonic_ns,
        wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
    ) -> None:
        self.counts = ClockCounts()
        self._now = now
        self._wait = wait
        self._lock = threading.Lock()
        self._ticked: tuple[Ticked, ...] = ()
        self._stop: threading.Event | None = None

    @property
    def running(self) -> bool:
        """Whether there is anything to tick."""
        return self._stop is not None

    def add(self, ticked: Ticked) -> None:
        """Tick this one too, from the next tick on."""
        with self._lock:
            self._ticked = (*self._ticked, ticked)
            if self._stop is None:
                self._stop = threading.Event()
                threading.Thread(target=self._run, args=(self._stop,), name="media clock", daemon=True).start()

    def remove(self, ticked: Ticked) -> None:
        """Tick this one no more; a tick that is being done may still end. Nothing when it was not added."""
        with self._lock:
            self._ticked = tuple(one for one in self._ticked if one is not ticked)
            if not self._ticked and self._stop is not None:
                self._stop.set()
                self._stop = None

    def _run(self, stop: threading.Event) -> None:
        deadlines = Deadlines(self._now(), self.counts)
        while not stop.is_set():
            wait_ns = deadlines.next(self._now())
            if wait_ns > 0 and self._wait(stop, wait_ns / 1e9):
                return
            deadlines.begin(self._now())
            for one in self._ticked:
                try:
                    one.tick()
                except Exception:
                    logger.exception("%r cannot be ticked and is left out", one)
                    self.remove(one)
