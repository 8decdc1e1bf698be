"""Handles that can be awaited from anywhere: every object lives on one loop, its home, whoever calls it.

Embedded in a test run the home loop has a thread of its own; a test may be plain, run on another asyncio loop, or on
trio through anyio. `anywhere` brings each public verb home and its result back.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

import anyio.to_thread

P = ParamSpec("P")
T = TypeVar("T")


class Home:
    """The loop that owns things. Made on that loop."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()

    async def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Await `coroutine` on the home loop, from any loop of any thread. A cancelled caller cancels it there."""
        try:
            current = asyncio.get_running_loop()
        except RuntimeError:
            future = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
            return await _from_thread(future)
        if current is self.loop:
            return await coroutine
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, self.loop))

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run `coroutine` on the home loop and wait for it in this thread, which must not be the home's own."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result()


async def _from_thread(future: concurrent.futures.Future[T]) -> T:
    try:
        return await anyio.to_thread.run_sync(future.result, abandon_on_cancel=True)
    finally:
        future.cancel()


class AtHome(Protocol):
    """Something that knows its home."""

    @property
    def home(self) -> Home:
        """Where its coroutines run."""


S = TypeVar("S", bound=AtHome)


def anywhere(
    method: Callable[Concatenate[S, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[S, P], Coroutine[Any, Any, T]]:
    """Let a public async method of an `AtHome` be awaited from any loop of any thread."""

    @functools.wraps(method)
    async def brought_home(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.home.run(method(self, *args, **kwargs))

    return brought_home


class HomeThread:
    """A loop in a daemon thread of its own, for test runs. `with HomeThread() as thread: thread.call(...)`."""

    def __init__(self, name: str = "daily-simulator") -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> HomeThread:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def call(self, awaitable: Awaitable[T]) -> T:
        """Await on the thread's loop; block here."""

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
