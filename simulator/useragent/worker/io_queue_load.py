"""How many places of PJSIP's I/O queues are in use.

Each queue has 64 places, a closed socket keeps its place for about 500 ms, and PJSIP aborts when there is none left.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

LINGER = 0.55
"""Seconds for which a closed socket still occupies its place."""
DIAL_LIMIT = 25
"""Number of calls in use, each with two RTP sockets, from which no further call is dialled."""
RECEIVE_LIMIT = 27
"""Number of calls in use from which no further SIP message is read: with 32 calls PJSIP aborts."""


class IoQueueLoad:
    """Counts the calls or connections that occupy PJSIP's I/O queue: those open, and those closed a moment ago."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open = 0
        self._closed_at: deque[float] = deque()

    def opened(self) -> None:
        """Count a call or connection that has opened its sockets."""
        self._open += 1

    def closed(self) -> None:
        """Count a call or connection that has closed its sockets."""
        self._open -= 1
        self._closed_at.append(self._clock())

    def seconds_until_below(self, limit: int) -> float:
        """Seconds until fewer than `limit` are in use.

        0 when that is so now, and when only open ones are left, since waiting would not help.
        """
        now = self._clock()
        while self._closed_at and self._closed_at[0] <= now - LINGER:
            self._closed_at.popleft()
        excess = self._open + len(self._closed_at) - limit + 1
        if excess <= 0 or not self._closed_at:
            return 0.0
        return self._closed_at[min(excess, len(self._closed_at)) - 1] + LINGER - now
