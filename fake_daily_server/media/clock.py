"""The clock of all audio in a server: one tick at each multiple of 20 ms of the monotonic clock, without drift."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from fake_daily_server.media.audio_frame import FRAME_MS

logger = logging.getLogger("fake_daily_server.media")

TICK_NS = FRAME_MS * 1_000_000
MOST_CAUGHT_UP = 25
"""How many missed ticks are made up for after the machine was busy: 0.5 s, as PJSIP's clock does. Older ones are
counted and skipped."""


class Ticked(Protocol):
    """An object that the media clock ticks every 20 ms."""

    def tick(self) -> None:
        """Process 20 ms of audio, without blocking."""


@dataclass(slots=True)
class ClockCounts:
    """Counts of ticks since the clock was created."""

    ticks: int = 0
    """Ticks that were executed."""
    late: int = 0
    """Ticks that began more than half a frame after they were due."""
    skipped: int = 0
    """Ticks that were never executed, because the machine was busy for too long."""
    latest_ns: int = 0
    """The longest delay of a tick, in ns."""


class TickSchedule:
    """Computes when each tick is due: at each multiple of 20 ms of the monotonic clock. All times are in ns."""

    def __init__(self, now: int, counts: ClockCounts) -> None:
        self._started = now - now % TICK_NS
        self._counts = counts
        self._passed = 0
        """Ticks since the start, skipped ones included."""

    def until_next(self, now: int) -> int:
        """Nanoseconds until the next tick is due; 0 or less if it is due now."""
        return self._started + (self._passed + 1) * TICK_NS - now

    def begin_tick(self, now: int) -> None:
        """Count a tick that begins now, and skip the missed ticks that are too old to be made up for."""
        late = -self.until_next(now)
        counts = self._counts
        counts.latest_ns = max(counts.latest_ns, late)
        counts.late += late > TICK_NS // 2
        skipped = max(0, late // TICK_NS - MOST_CAUGHT_UP)
        counts.skipped += skipped
        counts.ticks += 1
        self._passed += skipped + 1


class MediaClock:
    """Calls `tick` of each added object every 20 ms, on a thread that exists only while there are such objects.

    On the event loop, other work, such as importing a module, would cause audible gaps. `now` returns the monotonic
    time in ns; `wait` waits for the event, at most for the given number of seconds. Tests replace both to run an hour
    of ticks at once.
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
        """Whether the clock has an object to tick."""
        return self._stop is not None

    def add(self, ticked: Ticked) -> None:
        """Tick `ticked` from the next tick on; the first object starts the thread."""
        with self._lock:
            self._ticked = (*self._ticked, ticked)
            if self._stop is None:
                self._stop = threading.Event()
                threading.Thread(target=self._run, args=(self._stop,), name="media clock", daemon=True).start()

    def remove(self, ticked: Ticked) -> None:
        """Stop ticking `ticked`; a tick in progress is completed. Does nothing if `ticked` was not added."""
        with self._lock:
            self._ticked = tuple(one for one in self._ticked if one is not ticked)
            if not self._ticked and self._stop is not None:
                self._stop.set()
                self._stop = None

    def _run(self, stop: threading.Event) -> None:
        schedule = TickSchedule(self._now(), self.counts)
        while not stop.is_set():
            wait_ns = schedule.until_next(self._now())
            if wait_ns > 0 and self._wait(stop, wait_ns / 1e9):
                return
            schedule.begin_tick(self._now())
            for one in self._ticked:
                try:
                    one.tick()
                except Exception:
                    logger.exception("tick of %r failed; it is removed from the media clock", one)
                    self.remove(one)
