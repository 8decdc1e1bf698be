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
"""Number of RTP transports in use, with two sockets each, from which no further call is dialled."""
RECEIVE_LIMIT = 27
"""Number of RTP transports in use from which no further SIP message is read: with 32 of them PJSIP aborts.

The INVITEs that are read until then open one transport each.
"""
MOVE_LIMIT = 18
"""Number of RTP transports in use from which no call gets another one, because its peer opens or moves its audio."""


class IoQueueLoad:
    """Counts the transports or connections that occupy PJSIP's I/O queue: those open, and those closed a moment ago."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: set[int] = set()
        self._closed_at: deque[float] = deque()

    def opened(self, key: int) -> None:
        """Count one that has opened its sockets, once."""
        self._open.add(key)

    def closed(self, key: int) -> None:
        """Count one that has closed them, whether or not it was counted before."""
        self._open.discard(key)
        self._closed_at.append(self._clock())

    def is_below(self, limit: int) -> bool:
        """Whether fewer than `limit` are in use now."""
        return len(self._open) + len(self._lingering()) < limit

    def seconds_until_below(self, limit: int) -> float:
        """Seconds until fewer than `limit` are in use.

        0 when that is so now, and when only open ones are left, since waiting would not help.
        """
        closed_at = self._lingering()
        excess = len(self._open) + len(closed_at) - limit + 1
        if excess <= 0 or not closed_at:
            return 0.0
        return closed_at[min(excess, len(closed_at)) - 1] + LINGER - self._clock()

    def _lingering(self) -> deque[float]:
        """When those were closed that still occupy their places, the oldest first."""
        now = self._clock()
        while self._closed_at and self._closed_at[0] <= now - LINGER:
            self._closed_at.popleft()
        return self._closed_at
