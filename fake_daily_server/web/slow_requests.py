"""Connections whose first request does not come, or on which a request comes too slowly, are closed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any
from weakref import WeakKeyDictionary

LONGEST_WAIT_S = 20.0
"""Seconds that a request may take, from the opening of the connection or its first byte."""
_CHECKS = 4
"""Number of checks in this time."""


class SlowRequests:
    """Watches uvicorn's connections: those that have waited for a request for too long are aborted.

    uvicorn itself closes connections that are idle after a response, and waits for ever for the rest of a request.
    """

    def __init__(self) -> None:
        self._waiting_since: WeakKeyDictionary[Any, float] = WeakKeyDictionary()

    async def watch(self, connections: Iterable[Any]) -> None:
        """Check the present members of `connections` from time to time, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(LONGEST_WAIT_S / _CHECKS)
            self._check(tuple(connections), loop.time())

    def _check(self, connections: Iterable[Any], now: float) -> None:
        for connection in connections:
            if not _awaits_request(connection):
                self._waiting_since.pop(connection, None)
            elif now - self._waiting_since.setdefault(connection, now) >= LONGEST_WAIT_S * (1 - 1 / _CHECKS):
                connection.transport.abort()


def _awaits_request(connection: Any) -> bool:
    """Whether a request is not complete; WebSockets have no `cycle`."""
    if not hasattr(connection, "cycle"):
        return False
    cycle = connection.cycle
    is_idle = connection.timeout_keep_alive_task is not None  # uvicorn stops this timer at the first byte of a request
    return cycle is None or bool(cycle.more_body) or (bool(cycle.response_complete) and not is_idle)
