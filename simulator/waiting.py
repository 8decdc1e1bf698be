"""Waiting for a condition that a change may bring about, with a time limit and no polling."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Changes:
    """Whoever changes something says so; whoever waits looks again. One loop."""

    def __init__(self) -> None:
        self._waiters: set[asyncio.Event] = set()

    def notify(self) -> None:
        """Something has changed."""
        for waiter in self._waiters:
            waiter.set()

    async def until(self, found: Callable[[], T | None], *, within: float) -> T | None:
        """What `found` returns once it is not None, or None when `within` seconds have passed."""
        changed = asyncio.Event()
        self._waiters.add(changed)
        try:
            async with asyncio.timeout(within):
                while (result := found()) is None:
                    await changed.wait()
                    changed.clear()
                return result
        except TimeoutError:
            return None
        finally:
            self._waiters.discard(changed)
