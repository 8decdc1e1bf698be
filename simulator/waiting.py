"""Waiting for a condition that a change may bring about, with a time limit and no polling."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Changes:
    """Whoever changes something says so; whoever waits looks again, on whatever loop of whatever thread."""

    def __init__(self) -> None:
        self._waiters: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    def notify(self) -> None:
        """Something has changed."""
        try:
            here: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            here = None
        for waiter, loop in tuple(self._waiters.items()):
            if loop is here:
                waiter.set()
                continue
            with contextlib.suppress(RuntimeError):  # its loop has closed: nobody waits there any more
                loop.call_soon_threadsafe(waiter.set)

    async def until(self, found: Callable[[], T | None], *, within: float) -> T | None:
        """What `found` returns once it is not None, or None when `within` seconds have passed."""
        changed = asyncio.Event()
        self._waiters[changed] = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(within):
                while (result := found()) is None:
                    await changed.wait()
                    changed.clear()
                return result
        except TimeoutError:
            return None
        finally:
            del self._waiters[changed]
