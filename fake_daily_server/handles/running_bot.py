"""`RunningBot`: a bot of the test's own process, which is watched and can always be stopped."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import CodeType
from typing import Any

from simulator.errors import ExpectationFailed, ProgramFailed
from simulator.owner_loop import OwnerLoop, on_owner_loop
from simulator.waiting import Changes

Bot = Awaitable[Any] | Callable[..., Any]
"""A coroutine, or a function that the bot's thread calls; if it returns a coroutine, this is awaited."""

CANCELLATION_S = 3.0
"""How long a cancelled bot may take to end."""
LEFTOVERS_S = 1.0
"""How long the tasks that a bot leaves behind may take to end once they are cancelled."""
THREAD_S = 6.0
"""How long `stop` waits for the bot's thread; longer than the two together."""


class RunningBot:
    """A bot on an event loop of its own, in a thread of its own, as in a process of its own. `run_bot` creates it.

    Its failure is raised by the verb that the test awaits at that moment, or by the next one. `stop` returns after 6 s
    at the latest, even if the bot ignores its cancellation.
    """

    def __init__(self, bot: Bot, *args: Any, owner_loop: OwnerLoop, **kwargs: Any) -> None:
        """Start the bot; arguments are for a function. The loop of `owner_loop` runs the verbs that a test awaits."""
        self.owner_loop = owner_loop
        self.name: str = getattr(bot, "__qualname__", None) or type(bot).__name__
        """The name of the function or coroutine."""
        self._bot, self._arguments = bot, (args, kwargs)
        self._loop = asyncio.new_event_loop()
        self._stop_requested = asyncio.Event()
        self._changes = Changes()
        self._task: asyncio.Task[Any] | None = None
        self._result: Any = None
        self._failure: BaseException | None = None
        self._ended = False
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=f"bot {self.name}", daemon=True)
        self._watching = contextlib.ExitStack()
        self._watching.enter_context(owner_loop.failures.watching())
        self._thread.start()

    def __repr__(self) -> str:
        state = "running" if not self._ended else "failed" if self._failure else "ended"
        return f"<bot {self.name}: {state}>"

    @property
    def ended(self) -> bool:
        """Whether the bot has ended, by itself or because it was stopped."""
        return self._ended

    @on_owner_loop
    async def wait_for_end(self, *, within: float = 5) -> Any:
        """Wait until the bot has ended by itself; return its result. Raises its failure, and ExpectationFailed."""
        __tracebackhide__ = True
        if await self._changes.until(lambda: self._ended or None, within=within) is None:
            raise ExpectationFailed(f"the bot {self.name} ends  within {within:g} s", nearest=self._position())
        if self._failure is not None:
            self.owner_loop.failures.take(self._failure)
            raise self._failure
        return self._result

    def stop(self) -> BaseException | None:
        """Cancel the bot unless it has ended, and return a failure that no verb has raised yet.

        Raises ExpectationFailed if the thread of the bot is blocked: a thread cannot be ended from outside.
        """
        self._stopping = True
        with contextlib.suppress(RuntimeError):  # the bot's loop is closed: it has ended
            self._loop.call_soon_threadsafe(self._stop_requested.set)
        self._thread.join(THREAD_S)
        self._watching.close()
        if self._thread.is_alive():
            raise ExpectationFailed(
                f"the bot {self.name} stops  within {THREAD_S:g} s",
                nearest=self._position(),
                because="it blocks its thread, which is left running",
            )
        failure = self._failure
        return failure if failure is not None and self.owner_loop.failures.take(failure) else None

    # --- in the bot's thread ---------------------------------------------------------------------------------

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._supervise())
            self._abandon(asyncio.all_tasks(self._loop))
        finally:
            self._loop.close()

    async def _supervise(self) -> None:
        """Run the bot until it ends or is stopped, then cancel the tasks that it leaves behind."""
        self._task = asyncio.create_task(self._work(), name=f"bot {self.name}")
        stop = asyncio.create_task(self._stop_requested.wait())
        await asyncio.wait({self._task, stop}, return_when=asyncio.FIRST_COMPLETED)
        if not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=CANCELLATION_S)
        self._ended = True
        self._changes.notify()
        leftovers = asyncio.all_tasks() - {asyncio.current_task()}
        for task in leftovers:
            task.cancel()
        if leftovers:
            await asyncio.wait(leftovers, timeout=LEFTOVERS_S)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._loop.shutdown_asyncgens(), LEFTOVERS_S)

    async def _work(self) -> None:
        args, kwargs = self._arguments
        try:
            result = self._bot(*args, **kwargs) if callable(self._bot) else self._bot
            self._result = await result if inspect.isawaitable(result) else result
        except asyncio.CancelledError:
            if self._stopping:
                raise
            self._fail(ProgramFailed(f"the bot {self.name} was cancelled, and not by the test"))
        except (SystemExit, KeyboardInterrupt, StopIteration) as ending:
            failure = ProgramFailed(f"the bot {self.name} has ended with {ending!r}")
            failure.__cause__ = ending
            self._fail(failure)
        except BaseException as failure:  # noqa: BLE001 - the test raises it
            self._fail(failure)

    def _fail(self, failure: BaseException) -> None:
        if not self._stopping:
            self._failure = failure
            self.owner_loop.failures.report(failure)

    @staticmethod
    def _abandon(tasks: set[asyncio.Task[Any]]) -> None:
        """End tasks that ignore their cancellation, so that nothing is printed about them when they are deleted."""
        for task in tasks:
            task._log_destroy_pending = False  # type: ignore[attr-defined]  # as asyncio.gather does
            with contextlib.suppress(Exception):
                task.get_coro().close()

    def _position(self) -> str:
        """The line that the bot waits in: the innermost one outside installed packages."""
        awaited = self._task.get_coro() if self._task else None
        position = "it has not begun yet"
        while awaited is not None:
            frame = getattr(awaited, "cr_frame", None)
            if frame is not None and frame.f_code.co_filename != __file__ and not _is_installed(frame.f_code):
                position = f"it is at {frame.f_code.co_filename}:{frame.f_lineno}, in {frame.f_code.co_name}"
            awaited = getattr(awaited, "cr_await", None)
        return position


def _is_installed(code: CodeType) -> bool:
    return "site-packages" in code.co_filename or code.co_filename.startswith(str(Path(asyncio.__file__).parent))
