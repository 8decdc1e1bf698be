"""`RunningProgram`: a bot or an app in a process of its own, which is watched and can always be stopped."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import signal
import threading
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from fake_daily_server.handles.program_guard import ProgramGuard
from fake_daily_server.handles.program_output import OnLine, ProgramOutput
from fake_daily_server.handles.url_readiness import readiness_of
from simulator.errors import ExpectationFailed, ProgramFailed
from simulator.owner_loop import OwnerLoop, on_owner_loop
from simulator.patterns import as_pattern
from simulator.waiting import Changes

TERMINATION_S = 5.0
"""How long a program may take to end after SIGTERM, before SIGKILL."""
REQUEST_EVERY_S = 0.1
"""Seconds between two requests to the URL, or two connections to the port, that a program is to serve."""
SHOWN_LINES = 30
"""How many of the last lines of a program's output an error shows."""

T = TypeVar("T")


class RunningProgram:
    """A program in a process of its own: the fixture `run_program` creates it, and a scenario with `command`.

    If it ends with a status other than 0, the verb that the test awaits at that moment, or the next one, raises
    ProgramFailed with the end of its output. If this process is killed, so is the program with its children.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        owner_loop: OwnerLoop,
        env: Mapping[str, str] | None = None,
        cwd: str | Path | None = None,
        statuses: Collection[int] = (0,),
        on_line: OnLine | None = None,
        on_end: Callable[[int], None] = lambda status: None,
    ) -> None:
        """Start the program. Raises OSError if it cannot be started.

        `statuses` are the exit statuses that are no failure. `on_line` is called with `stdout` or `stderr` and each
        line that the program writes, `on_end` with its exit status, both in other threads.
        """
        self.owner_loop = owner_loop
        self.command: str = shlex.join(map(str, command))
        """The command line."""
        self._changes = Changes()
        self._failure: ProgramFailed | None = None
        self._stopping = False
        self._status: int | None = None
        self._statuses = statuses
        self._on_end = on_end
        self._output = ProgramOutput(on_line)
        try:
            self._guard = ProgramGuard(
                [str(word) for word in command],
                env=env,
                cwd=cwd,
                stdout=self._output.stdout,
                stderr=self._output.stderr,
            )
        except BaseException:
            self._output.program_missing()
            raise
        self._output.program_started()
        self._watching = contextlib.ExitStack()
        self._watching.enter_context(owner_loop.failures.watching())
        self._watcher = threading.Thread(target=self._watch, name=f"watches {self.command}", daemon=True)
        self._watcher.start()

    def __repr__(self) -> str:
        return f"<program {self.command}: {self._state()}>"

    @property
    def output(self) -> str:
        """What the program has written to stdout and stderr so far."""
        return self._output.text

    @property
    def pid(self) -> int:
        """The process id."""
        return self._guard.pid

    @property
    def status(self) -> int | None:
        """The exit status; negative for the number of a signal, None while the program runs."""
        return self._status

    @on_owner_loop
    async def wait_for_end(self, *, within: float = 5) -> str:
        """Wait until the program has ended with status 0; return its output.

        Raises ProgramFailed for another status, and ExpectationFailed.
        """
        __tracebackhide__ = True
        if await self._changes.until(lambda: None if self.status is None else True, within=within) is None:
            raise ExpectationFailed(
                f"{self.command} ends  within {within:g} s", nearest="it has not ended", happened=self._last_lines()
            )
        if self._failure is not None:
            self.owner_loop.failures.take(self._failure)
            raise self._failure
        return self.output

    @on_owner_loop
    async def wait_for_output(self, pattern: str, *, within: float = 30) -> str:
        """Wait until the program has written a line with this text, or with a match of `/pattern/`; return the line.

        Lines written before count, too. Raises ProgramFailed as soon as the program ends with a status other than 0,
        ExpectationFailed if it ends with status 0 or does not write such a line in time, and ConfigurationError for an
        invalid pattern.
        """
        __tracebackhide__ = True
        regex = as_pattern(pattern)

        def found() -> str | None:
            return next(
                (line for line in self._output.lines if (regex.is_in(line) if regex else pattern in line)), None
            )

        line = await self._unless_it_ends(lambda: self._output.changes.until(found, within=within), within=within)
        line = found() if line is None else line
        if line is None:
            raise self._unready(f"prints {pattern}", within=within, nearest=None)
        return line

    @on_owner_loop
    async def wait_for_port(self, port: int, *, within: float = 30) -> None:
        """Wait until a TCP connection to this port of this machine is accepted. Raises like `wait_for_url`."""
        __tracebackhide__ = True

        async def accepts() -> bool:
            while not await _accepts_connections(port):
                if await self._ends_soon():
                    return False
            return True

        if not await self._unless_it_ends(accepts, within=within):
            raise self._unready(f"listens on port {port}", within=within, nearest="no connection was accepted")

    @on_owner_loop
    async def wait_for_url(self, url: str, *, within: float = 30) -> None:
        """Wait until the program serves `url`, a URL of this machine: it answers GET with a status below 400.

        Raises ProgramFailed as soon as the program ends with a status other than 0, ExpectationFailed if it ends with
        status 0 or does not serve the URL in time, and ConfigurationError for a URL that is not of this machine.
        """
        __tracebackhide__ = True
        async with readiness_of(url) as readiness:
            served = await readiness.wait(self._ends_soon, within=within)
        if not served:
            raise self._unready(f"serves {url}", within=within, nearest=readiness.latest)

    def stop(self) -> ProgramFailed | None:
        """End the program: SIGTERM, after 5 s SIGKILL, which all processes get that it has started and left running.

        Returns a failure that no verb has raised yet.
        """
        self._stopping = True
        if self.status is None:
            self._signal(signal.SIGTERM)
            self._watcher.join(TERMINATION_S)
        self._guard.release()
        self._watcher.join()
        self._guard.close()
        self._watching.close()
        self._output.close()
        failure = self._failure
        return failure if failure is not None and self.owner_loop.failures.take(failure) else None

    async def _ends_soon(self) -> bool:
        """Wait until the program ends, for the time between two requests at most; return whether it has ended."""
        return await self._changes.until(lambda: None if self.status is None else True, within=REQUEST_EVERY_S) or False

    async def _unless_it_ends(self, wait: Callable[[], Awaitable[T]], *, within: float) -> T | None:
        """The result of `wait`; None if the program ends first, or after `within` seconds."""
        waiting = asyncio.ensure_future(wait())
        ending = asyncio.ensure_future(
            self._changes.until(lambda: None if self.status is None else True, within=within)
        )
        try:
            await asyncio.wait({waiting, ending}, timeout=within, return_when=asyncio.FIRST_COMPLETED)
            return waiting.result() if waiting.done() else None
        finally:
            for task in (waiting, ending):
                task.cancel()
            await asyncio.gather(waiting, ending, return_exceptions=True)

    def _unready(self, what: str, *, within: float, nearest: str | None) -> Exception:
        """The error of a program that has not done `what`: its own failure if it has one.

        `nearest` is None if the program was to print something.
        """
        if self._failure is not None:
            self.owner_loop.failures.take(self._failure)
            return self._failure
        lines = self._last_lines()
        if nearest is None and not lines:
            nearest = "it has not ended, and has printed nothing; Python programs print at once with `python -u`"
        elif nearest is None:
            nearest = f"it has not ended; the last line that it has printed: {lines[-1]}"
        return ExpectationFailed(
            f"{self.command} {what}  within {within:g} s",
            nearest=nearest if self.status is None else f"it has {self._state()}",
            happened=lines,
        )

    def _state(self) -> str:
        return "running" if self.status is None else f"ended with {_status_text(self.status)}"

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def _watch(self) -> None:
        status = self._guard.wait()
        self._output.drain()
        if not self._stopping:
            self._on_end(status)  # before those who wait for the end go on
        if status not in self._statuses and not self._stopping:
            output = "\n".join(self._last_lines())
            wanted = "" if 0 in self._statuses else f", expected {' or '.join(map(str, self._statuses))}"
            self._failure = ProgramFailed(f"{self.command} has ended with {_status_text(status)}{wanted}", output)
            self.owner_loop.failures.report(self._failure)
        self._status = status  # last: whoever sees that it has ended, sees its failure, too
        self._changes.notify()

    def _last_lines(self) -> list[str]:
        return self.output.splitlines()[-SHOWN_LINES:]


def _status_text(status: int) -> str:
    return f"status {status}" if status >= 0 else signal.Signals(-status).name


async def _accepts_connections(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("localhost", port)
    except OSError:
        return False
    writer.close()
    return True
