"""The asyncio loop that owns a handle, and the way to await the handle's methods from any other loop or thread.

A handle (network, phone, call, client, server) lives on the loop it was made on. In a test run that loop usually has a
thread of its own (`LoopThread`), while the test itself is a plain function, runs on another asyncio loop, or on trio
through anyio. `on_owner_loop` runs a public async method on the owner loop and hands its result back to the caller.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

import anyio.to_thread

from simulator.errors import BlockedLoop
from simulator.made_at import asked_here
from simulator.program_failures import ProgramFailures

P = ParamSpec("P")
T = TypeVar("T")


class OwnerLoop:
    """The asyncio loop that runs during construction; it runs coroutines for callers on other loops and threads."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.failures = ProgramFailures(self.loop)
        """The failures of watched programs, which the coroutines of callers on other loops and threads raise."""

    async def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Await `coroutine` on the owner loop, from any loop of any thread.

        Cancelling the caller cancels the coroutine. From another loop, the failure of a watched program is raised.
        """
        __tracebackhide__ = True
        try:
            current = asyncio.get_running_loop()
        except RuntimeError:  # the caller runs on trio
            return await _result_from_thread(self._submit(coroutine))
        if current is self.loop:
            return await coroutine
        return await asyncio.wrap_future(self._submit(coroutine))

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run `coroutine` on the owner loop and block this thread until it is done, or a watched program fails.

        Deadlocks when called on the owner loop's own thread.
        """
        __tracebackhide__ = True
        return self._submit(coroutine).result()

    def blocking_call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """`call` for the blocking forms. Raises BlockedLoop in a thread whose event loop is running."""
        __tracebackhide__ = True
        if _runs_a_loop():
            name = getattr(coroutine, "__qualname__", str(coroutine))
            coroutine.close()
            raise BlockedLoop(name)
        return self.call(coroutine)

    def _submit(self, coroutine: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        with asked_here():
            return asyncio.run_coroutine_threadsafe(self.failures.interrupting(coroutine), self.loop)


def _runs_a_loop() -> bool:
    """Whether an event loop of asyncio or trio is running in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        trio = sys.modules.get("trio")
        return trio is not None and bool(trio.lowlevel.in_trio_run())
    return True


async def _result_from_thread(future: concurrent.futures.Future[T]) -> T:
    __tracebackhide__ = True
    try:
        return await anyio.to_thread.run_sync(future.result, abandon_on_cancel=True)
    finally:
        future.cancel()


class LoopOwned(Protocol):
    """An object whose coroutines must run on its owner loop."""

    @property
    def owner_loop(self) -> OwnerLoop:
        """The loop on which the object's coroutines must run."""


S = TypeVar("S", bound=LoopOwned)


def on_owner_loop(
    method: Callable[Concatenate[S, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[S, P], Coroutine[Any, Any, T]]:
    """Decorate an async method of a `LoopOwned` so that it can be awaited from any loop of any thread."""

    @functools.wraps(method)
    async def run_on_owner_loop(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        __tracebackhide__ = True
        return await self.owner_loop.run(method(self, *args, **kwargs))

    return run_on_owner_loop


class LoopThread:
    """An asyncio loop in a daemon thread of its own: `with LoopThread() as thread: thread.call(...)`."""

    def __init__(self, name: str = "daily-simulator") -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> LoopThread:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def call(self, awaitable: Awaitable[T]) -> T:
        """Await `awaitable` on the thread's loop and block the calling thread until it is done."""

        async def run() -> T:
            return await awaitable

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
        finally:
            self._loop.close()
