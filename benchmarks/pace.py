"""Keeps a loop of calls under the pace at which a PJSIP worker makes new ones wait."""

from __future__ import annotations

import asyncio

SECONDS_A_CALL = 0.025
"""40 calls/s. A worker takes about 45: PJSIP's I/O table holds a call's sockets for half a second after its end."""


class Pace:
    """`await pace()` before each call."""

    def __init__(self, seconds: float = SECONDS_A_CALL) -> None:
        self._seconds = seconds
        self._next = 0.0

    async def __call__(self) -> None:
        """Return when the next call may begin."""
        now = asyncio.get_running_loop().time()
        if now < self._next:
            await asyncio.sleep(self._next - now)
        self._next = max(now, self._next) + self._seconds
