"""Limits the rate of calls, so that the front door does not queue them."""

from __future__ import annotations

import asyncio

SECONDS_PER_CALL = 0.025
"""40 calls/s; a worker can take 50, because PJSIP's I/O table holds a call's sockets for 0.5 s after its end."""


class Pace:
    """Delays calls to a fixed rate: `await pace()` before each call."""

    def __init__(self, seconds: float = SECONDS_PER_CALL) -> None:
        self._seconds = seconds
        self._next = 0.0

    async def __call__(self) -> None:
        """Wait until the next call may begin."""
        now = asyncio.get_running_loop().time()
        if now < self._next:
            await asyncio.sleep(self._next - now)
        self._next = max(now, self._next) + self._seconds
