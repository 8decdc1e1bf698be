"""The parent's side of the fork server: starts it, requests workers, and receives reports of their exits."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path

import simulator
from simulator.errors import ConfigurationError, WorkerCrashed
from simulator.useragent.channel import Channel
from simulator.useragent.messages import WorkerSettings

_START_TIMEOUT = 15.0
"""Seconds that the fork server may take to import PJSIP on a busy machine."""
_FORK_TIMEOUT = 10.0
"""Seconds that a fork may take on a busy machine; it usually takes 5 ms. All workers die with a fork server."""
_END_TIMEOUT = 2.0
"""Seconds that the fork server and its workers may take to exit before it is killed."""


_COMMAND = (sys.executable, "-P", "-m", "simulator.useragent.fork_server")
Spawned = tuple[int, asyncio.Future[str]]
"""The process id of a worker, and the future of a description of how it will have exited."""


class ForkServerProcess:
    """A process that runs `simulator.useragent.fork_server`, and what is known of its workers.

    `on_log` gets each line that it or a worker writes to standard error.
    """

    def __init__(self, on_log: Callable[[str], None]) -> None:
        self._on_log = on_log
        self._loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        self._stderr, stderr = os.pipe()
        with theirs:
            try:
                self._process = subprocess.Popen(  # noqa: S603  # this interpreter, and fixed arguments
                    [*_COMMAND, str(theirs.fileno()), str(os.getpid())],
                    stdin=subprocess.DEVNULL,
                    stdout=stderr,
                    stderr=stderr,
                    pass_fds=[theirs.fileno()],
                    process_group=0,  # so that Ctrl-C does not reach it while it imports; it ends with this process
                    env=_environment(),
                )
            finally:
                os.close(stderr)
        self.pid = self._process.pid
        self._ready: asyncio.Future[None] = self._loop.create_future()
        self._spawning: deque[asyncio.Future[Spawned]] = deque()
        self._exit_reports: dict[int, asyncio.Future[str]] = {}
        """By process id of each running worker, the description of how it will have exited."""
        self._gone = False
        self._stderr_closed: asyncio.Future[None] = self._loop.create_future()
        """Done when neither the fork server nor any of its workers has standard error open."""
        self._partial_line = b""
        os.set_blocking(self._stderr, False)
        self._loop.add_reader(self._stderr, self._read_stderr)
        self._control = Channel(ours, self._handle_line, self._handle_exit)

    async def ready(self) -> None:
        """Wait until the fork server can fork workers.

        Raises ConfigurationError when PJSIP cannot be imported, WorkerCrashed when it takes too long and was killed.
        """
        try:
            async with asyncio.timeout(_START_TIMEOUT):
                await asyncio.shield(self._ready)
        except TimeoutError:
            self._kill()
            raise WorkerCrashed(self.pid, f"the fork server was not ready within {_START_TIMEOUT:g} s") from None

    @property
    def alive(self) -> bool:
        """Whether it can still fork workers."""
        return not self._gone

    async def spawn(self, settings: WorkerSettings) -> tuple[Spawned, socket.socket]:
        """Fork a worker, and return it with our end of its command socket.

        Raises WorkerCrashed when the fork server has exited, or does not answer and is killed; its workers end then.
        """
        await self.ready()
        if self._gone:
            raise WorkerCrashed(self.pid, "the fork server has exited")
        ours, theirs = socket.socketpair()
        spawned: asyncio.Future[Spawned] = self._loop.create_future()
        self._spawning.append(spawned)
        self._control.send(settings.model_dump_json().encode(), [theirs.detach()])
        try:
            async with asyncio.timeout(_FORK_TIMEOUT):
                return await spawned, ours
        except TimeoutError:
            ours.close()
            self._kill()
            raise WorkerCrashed(self.pid, f"the fork server answered nothing for {_FORK_TIMEOUT:g} s") from None
        except BaseException:
            ours.close()
            raise

    def _kill(self) -> None:
        self._process.kill()
        self._control.close()
        self._handle_exit()

    async def close(self) -> None:
        """End the fork server and all its workers; returns when none of them is running. Can be called again."""
        if not self._ready.done():
            self._process.kill()  # it imports, reads nothing, and has no workers
        self._control.close()
        self._handle_exit()
        closed, _ = await asyncio.wait([self._stderr_closed], timeout=_END_TIMEOUT)
        if not closed:
            self._process.kill()
            self._stop_reading()
        while self._process.poll() is None:  # noqa: ASYNC110  # its files are closed, so it exits in a moment
            await asyncio.sleep(0.001)

    def _handle_line(self, line: bytes) -> None:
        report = json.loads(line)
        if "ready" in report:
            self._ready.set_result(None)
        elif "error" in report:
            wanted = "an installation with pjsua2-python, which has wheels for CPython 3.8 to 3.12"
            self._ready.set_exception(ConfigurationError("pjsua2", report["error"], wanted))
        elif "spawned" in report:
            exit_report = self._exit_reports[report["spawned"]] = self._loop.create_future()
            spawned = self._spawning.popleft()
            if not spawned.done():
                spawned.set_result((report["spawned"], exit_report))
        else:
            self._exit_reports.pop(report["exited"]).set_result(report["how"])

    def _handle_exit(self) -> None:
        """The fork server has closed its control socket, or is being closed."""
        self._gone = True
        gone = WorkerCrashed(self.pid, "the fork server has exited")
        if not self._ready.done():
            self._ready.set_exception(gone)
            self._ready.exception()  # else asyncio logs that it was never retrieved
        for spawned in self._spawning:
            if not spawned.done():
                spawned.set_exception(gone)
        for report in self._exit_reports.values():
            report.set_result("the fork server has exited")
        self._exit_reports.clear()

    def _stop_reading(self) -> None:
        self._loop.remove_reader(self._stderr)
        os.close(self._stderr)
        self._stderr_closed.set_result(None)

    def _read_stderr(self) -> None:
        data = os.read(self._stderr, 65536)
        *lines, self._partial_line = (self._partial_line + data).split(b"\n")
        if not data:
            lines = [self._partial_line] if self._partial_line else []
            self._stop_reading()
        for line in lines:
            self._on_log(line.decode("utf-8", "replace"))


def _environment() -> dict[str, str]:
    """Return our environment with this very package first on the path.

    The Objective-C variable tells macOS that forking is intended.
    """
    here = str(Path(simulator.__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path, "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES"}
