"""Finds processes that run no more although they have not exited, because they are stopped or hang."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

INTERVAL = 1.0
"""Seconds between pings."""
MOST_MISSED = 10
"""Pings in a row without a word from the process, after which it counts as stopped; a busy machine delays some."""


class Heartbeat:
    """Calls `ping` every second, and `stopped` once when nothing was heard between several pings.

    Whatever the process sends is an answer. Only intervals count in which this process ran too: after a stop of the
    whole machine, or of this process alone, what has arrived meanwhile is read before the next interval ends.
    """

    def __init__(self, ping: Callable[[], None], stopped: Callable[[], None]) -> None:
        self._ping = ping
        self._stopped = stopped
        self._missed = 0
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(INTERVAL, self._beat)

    def heard(self) -> None:
        """The process has sent something."""
        self._missed = 0

    def stop(self) -> None:
        """Send no more pings."""
        self._timer.cancel()

    def _beat(self) -> None:
        if self._missed == MOST_MISSED:
            self._stopped()
            return
        self._missed += 1
        self._ping()
        self._timer = self._loop.call_later(INTERVAL, self._beat)
