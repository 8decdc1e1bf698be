"""`RunningProgram`: a bot or an app in a process of its own, which is watched and can always be stopped."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from fake_daily_server.handles.url_readiness import readiness_of
from simulator.errors import ExpectationFailed, ProgramFailed
from simulator.owner_loop import OwnerLoop, on_owner_loop
from simulator.waiting import Changes

TERMINATION_S = 5.0
"""How long a program may take to end after SIGTERM, before SIGKILL."""
REQUEST_EVERY_S = 0.1
"""Seconds between two requests to the URL that a program is to serve."""
SHOWN_LINES = 30
"""How many of the last lines of a program's output an error shows."""


class RunningProgram:
    """A program in a process of its own. The fixture `run_program` creates it.

    If it ends with a status other than 0, the verb that the test awaits at that moment, or the next one, raises
    ProgramFailed with the end of its output.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        owner_loop: OwnerLoop,
        env: Mapping[str, str] | None = None,
        cwd: str | Path | None = None,
    ) -> None:
        """Start the program. Raises OSError if it cannot be started."""
        self.owner_loop = owner_loop
        self.command: str = shlex.join(map(str, command))
        """The command line."""
        self._changes = Changes()
        self._failure: ProgramFailed | None = None
        self._stopping = False
        self._final_output = ""
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - it outlives this method
        self._process = subprocess.Popen(  # noqa: S603 - the user's own command
            [str(word) for word in command],
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._watching = contextlib.ExitStack()
        self._watching.enter_context(owner_loop.failures.watching())
        self._watcher = threading.Thread(target=self._watch, name=f"watches {self.command}", daemon=True)
        self._watcher.start()

    def __repr__(self) -> str:
        status = self._process.returncode
        return f"<program {self.command}: {'running' if status is None else f'ended with status {status}'}>"

    @property
    def output(self) -> str:
        """What the program has written to stdout and stderr so far."""
        if self._output.closed:
            return self._final_output
        size = os.fstat(self._output.fileno()).st_size
        return os.pread(self._output.fileno(), size, 0).decode(errors="replace")

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def status(self) -> int | None:
        """The exit status; negative for the number of a signal, None while the program runs."""
        return self._process.returncode

    @on_owner_loop
    async def wait_for_end(self, *, within: float = 5) -> str:
        """Wait until the program has ended with status 0; return its output.

        Raises ProgramFailed for another status, and ExpectationFailed.
        """
        __tracebackhide__ = True
        if await self._changes.until(lambda: None if self.status is None else True, within=within) is None:
            raise ExpectationFailed(
                f"{self.command} ends  within {within:g} s", nearest="it runs", happened=self._last_lines()
            )
        if self._failure is not None:
            self.owner_loop.failures.take(self._failure)
            raise self._failure
        return self.output

    @on_owner_loop
    async def wait_for_url(self, url: str, *, within: float = 30) -> None:
        """Wait until the program serves `url`, a URL of this machine: it answers GET with a status below 400.

        Raises ProgramFailed as soon as the program ends with a status other than 0, ExpectationFailed if it ends with
        status 0 or does not serve the URL in time, and ConfigurationError for a URL that is not of this machine.
        """
        __tracebackhide__ = True
        async with readiness_of(url) as readiness:
            served = await readiness.wait(self._ends_soon, within=within)
        if self._failure is not None:
            self.owner_loop.failures.take(self._failure)
            raise self._failure
        if not served:
            raise ExpectationFailed(
                f"{self.command} serves {url}  within {within:g} s",
                nearest=readiness.latest if self.status is None else f"it has ended with status {self.status}",
                happened=self._last_lines(),
            )

    def stop(self) -> ProgramFailed | None:
        """End the program and its children unless it has ended: SIGTERM, after 5 s SIGKILL.

        Returns a failure that no verb has raised yet.
        """
        self._stopping = True
        if self.status is None:
            self._signal(signal.SIGTERM)
            self._watcher.join(TERMINATION_S)
        self._signal(signal.SIGKILL)  # also what the program has started and left running
        self._watcher.join()
        self._watching.close()
        self._final_output = self.output
        self._output.close()
        failure = self._failure
        return failure if failure is not None and self.owner_loop.failures.take(failure) else None

    async def _ends_soon(self) -> bool:
        """Wait until the program ends, for the time between two requests at most; return whether it has ended."""
        return await self._changes.until(lambda: None if self.status is None else True, within=REQUEST_EVERY_S) or False

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def _watch(self) -> None:
        status = self._process.wait()
        if status != 0 and not self._stopping:
            how = f"status {status}" if status > 0 else signal.Signals(-status).name
            output = "\n".join(self._last_lines())
            self._failure = ProgramFailed(f"{self.command} has ended with {how}", output)
            self.owner_loop.failures.report(self._failure)
        self._changes.notify()

    def _last_lines(self) -> list[str]:
        return self.output.splitlines()[-SHOWN_LINES:]
