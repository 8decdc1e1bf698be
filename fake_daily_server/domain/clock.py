"""A clock of unix time that a test can move forward, and calls scheduled on it."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable


class ScheduledCall:
    """A call that a clock makes once, unless it is cancelled before."""

    def __init__(self, callback: Callable[[], None]) -> None:
        self._callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        """Cancel the call. Does nothing if the call was made already."""
        self._callback = None

    def run(self) -> None:
        """Make the call, unless it was cancelled."""
        callback, self._callback = self._callback, None
        if callback is not None:
            callback()


class Clock:
    """A clock in unix seconds: `clock()` returns the time of `base` plus what `advance` has added. Used on one loop."""

    def __init__(self, base: Callable[[], float] = time.time) -> None:
        self.ahead = 0.0
        """Seconds by which the clock has been moved forward."""
        self._base = base
        self._scheduled: list[tuple[float, int, ScheduledCall]] = []
        self._numbers = itertools.count()
        """Numbers for the scheduled calls, which order calls of the same moment."""
        self._timer: asyncio.TimerHandle | None = None

    def __call__(self) -> float:
        return self._base() + self.ahead

    def call_at(self, moment: float, callback: Callable[[], None]) -> ScheduledCall:
        """Call `callback` at `moment`, in unix seconds; if that has passed, as soon as possible.

        Requires a running loop.
        """
        scheduled = ScheduledCall(callback)
        heapq.heappush(self._scheduled, (moment, next(self._numbers), scheduled))
        self._set_timer()
        return scheduled

    def advance(self, seconds: float) -> None:
        """Move the clock forward by `seconds`, and at once make the calls that become due, in order of their moments.

        Raises ValueError if `seconds` is negative or not finite.
        """
        if not 0 <= seconds < float("inf"):
            raise ValueError(f"a clock cannot be moved by {seconds} s; it moves forward only, by a finite time")
        self.ahead += seconds
        self._run_due()

    def reset(self) -> None:
        """Set the clock back to `base`'s time and cancel all scheduled calls."""
        self.ahead = 0.0
        self._scheduled.clear()
        self._set_timer()

    def _run_due(self) -> None:
        self._timer = None
        while self._scheduled and self._scheduled[0][0] <= self():
            heapq.heappop(self._scheduled)[2].run()
        self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._scheduled:
            delay = max(0.0, self._scheduled[0][0] - self())
            self._timer = asyncio.get_running_loop().call_later(delay, self._run_due)
