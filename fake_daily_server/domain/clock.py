"""Unix time that a test can move forward, and calls that wait for a moment of it."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable


class Alarm:
    """A call that waits for its moment; `cancel` it as long as that has not come."""

    def __init__(self, moment: float, call: Callable[[], None]) -> None:
        self.moment = moment
        self._call: Callable[[], None] | None = call

    def cancel(self) -> None:
        """Nothing will happen; nothing when it has happened already."""
        self._call = None

    def ring(self) -> None:
        """Its moment has come."""
        call, self._call = self._call, None
        if call is not None:
            call()


class Clock:
    """`clock()` is unix seconds. It runs as `base` does, from where `advance` has put it; used on one loop."""

    def __init__(self, base: Callable[[], float] = time.time) -> None:
        self.ahead = 0.0
        """Seconds that it was moved forward."""
        self._base = base
        self._alarms: list[tuple[float, int, Alarm]] = []
        self._numbers = itertools.count()
        self._timer: asyncio.TimerHandle | None = None

    def __call__(self) -> float:
        return self._base() + self.ahead

    def call_at(self, moment: float, call: Callable[[], None]) -> Alarm:
        """Call something at a moment in unix seconds, soon when that has passed. Needs the running loop."""
        alarm = Alarm(moment, call)
        heapq.heappush(self._alarms, (moment, next(self._numbers), alarm))
        self._set_timer()
        return alarm

    def advance(self, seconds: float) -> None:
        """Move forward; what that makes due is called at once, in order of its moments."""
        if not 0 <= seconds < float("inf"):
            raise ValueError(f"a clock can be moved forward only, not by {seconds}")
        self.ahead += seconds
        self._ring()

    def reset(self) -> None:
        """Back to real time, and nothing is waited for any more."""
        self.ahead = 0.0
        self._alarms.clear()
        self._set_timer()

    def _ring(self) -> None:
        self._timer = None
        while self._alarms and self._alarms[0][0] <= self():
            heapq.heappop(self._alarms)[2].ring()
        self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._alarms:
            delay = max(0.0, self._alarms[0][0] - self())
            self._timer = asyncio.get_running_loop().call_later(delay, self._ring)
