"""The failures of watched programs: bots and processes under test. A wait that is in progress raises them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

T = TypeVar("T")


class ProgramFailures:
    """Raises the failures of watched programs in the verbs that a test awaits on one event loop, each failure once."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._reported: list[BaseException] = []
        self._latest: BaseException
        self._interrupts: set[asyncio.Event] = set()
        self._watched = 0

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Let verbs raise reported failures while the block runs."""
        self._watched += 1
        try:
            yield
        finally:
            self._watched -= 1

    def report(self, failure: BaseException) -> None:
        """Let the verb in progress raise this failure, or the next verb. May be called in any thread."""
        self._reported.append(failure)
        with contextlib.suppress(RuntimeError):  # the loop is closed, so nothing waits on it
            self._loop.call_soon_threadsafe(self._interrupt)

    def take(self, failure: BaseException) -> bool:
        """Remove a failure that the caller raises itself; return whether no verb has raised it yet."""
        if failure not in self._reported:
            return False
        self._reported.remove(failure)
        return True

    async def interrupting(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Await `coroutine`; if a watched program fails before it is done, cancel it and raise the failure."""
        __tracebackhide__ = True
        if not self._watched:
            return await coroutine
        if self._reported:
            coroutine.close()
            raise self._next()
        interrupt = asyncio.Event()
        self._interrupts.add(interrupt)
        work = asyncio.ensure_future(coroutine)
        failed = asyncio.ensure_future(interrupt.wait())
        try:
            await asyncio.wait({work, failed}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._interrupts.discard(interrupt)
            failed.cancel()
            if not work.done():
                work.cancel()
                await asyncio.wait({work})
        if work.cancelled() and interrupt.is_set():
            raise self._next()
        return work.result()

    def _next(self) -> BaseException:
        """The oldest failure that no verb has raised; the latest one again for a second verb in progress."""
        if self._reported:
            self._latest = self._reported.pop(0)
        return self._latest

    def _interrupt(self) -> None:
        for interrupt in self._interrupts:
            interrupt.set()
