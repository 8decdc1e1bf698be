"""How many calls a worker may have or have had a moment ago."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

LINGER = 0.55
"""Seconds for which an ended call still occupies its two RTP sockets in PJSIP's I/O queue."""
DIALS = 25
"""Calls in use above which no new one is dialled."""
MOST = 27
"""Calls in use above which no SIP message is read: with 32 of them PJSIP aborts."""


class Pace:
    """Counts the calls whose sockets PJSIP still holds: those that live and those that ended just now."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._living = 0
        self._ended: deque[float] = deque()

    def begin(self) -> None:
        """A call begins."""
        self._living += 1

    def end(self) -> None:
        """A call is over."""
        self._living -= 1
        self._ended.append(self._clock())

    def wait(self, limit: int) -> float:
        """Seconds until fewer than `limit` calls are in use; 0 when it is so now."""
        now = self._clock()
        while self._ended and self._ended[0] <= now - LINGER:
            self._ended.popleft()
        excess = self._living + len(self._ended) - limit + 1
        if excess <= 0 or not self._ended:
            return 0.0
        return self._ended[min(excess, len(self._ended)) - 1] + LINGER - now
