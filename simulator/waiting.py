"""Waits for a condition with a time limit. The condition is not polled, but checked again after each change."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Changes:
    """Notifies waiters of changes. A waiter may run on another loop or thread than the notifier."""

    def __init__(self) -> None:
        self._waiters: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    def notify(self) -> None:
        """Make all waiters check their conditions again."""
        try:
            here: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            here = None
        for waiter, loop in tuple(self._waiters.items()):
            if loop is here:
                waiter.set()
                continue
            with contextlib.suppress(RuntimeError):  # the loop is closed, so nothing waits on it
                loop.call_soon_threadsafe(waiter.set)

    async def until(self, found: Callable[[], T | None], *, within: float | None) -> T | None:
        """Call `found` now and after each `notify` until it returns something; None after `within` seconds.

        Without `within` it waits for as long as that takes.
        """
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
