"""The parent's side of the nursery: starts it, asks it for workers, hears how they died."""

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

_START = 15.0
"""Seconds that the nursery may take to import PJSIP on a busy machine."""
_END = 2.0


class ForkServerProcess:
    """One `simulator.useragent.fork_server` and what is known of its workers.

    `on_log` gets each line that it or a worker writes to standard error.
    """

    def __init__(self, on_log: Callable[[str], None]) -> None:
        self._on_log = on_log
        self._loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        self._errors, errors = os.pipe()
        with theirs:
            try:
                self._process = subprocess.Popen(  # noqa: S603  # this interpreter, and fixed arguments
                    [sys.executable, "-P", "-m", "simulator.useragent.fork_server", str(theirs.fileno())],
                    stdin=subprocess.DEVNULL,
                    stdout=errors,
                    stderr=errors,
                    pass_fds=[theirs.fileno()],
                    env=_environment(),
                )
            finally:
                os.close(errors)
        self.pid = self._process.pid
        self._ready: asyncio.Future[None] = self._loop.create_future()
        self._births: deque[asyncio.Future[int]] = deque()
        self._deaths: dict[int, asyncio.Future[str]] = {}
        self._gone = False
        self._silent: asyncio.Future[None] = self._loop.create_future()
        self._text = b""
        os.set_blocking(self._errors, False)
        self._loop.add_reader(self._errors, self._read_errors)
        self._control = Channel(ours, self._told, self._ended)

    async def ready(self) -> None:
        """Wait until it can fork. Raises ConfigurationError when PJSIP cannot be imported."""
        async with asyncio.timeout(_START):
            await asyncio.shield(self._ready)

    @property
    def alive(self) -> bool:
        """Whether it can still fork workers."""
        return not self._gone

    async def spawn(self, settings: WorkerSettings) -> tuple[int, socket.socket]:
        """A new worker's process id and our end of its command socket. Raises WorkerCrashed."""
        await self.ready()
        if self._gone:
            raise WorkerCrashed(self.pid, "the nursery that forks the workers is gone")
        ours, theirs = socket.socketpair()
        birth: asyncio.Future[int] = self._loop.create_future()
        self._births.append(birth)
        self._control.send(settings.model_dump_json().encode(), [theirs.detach()])
        try:
            return await birth, ours
        except BaseException:
            ours.close()
            raise

    def death(self, pid: int) -> asyncio.Future[str]:
        """How the worker died, as soon as it is known."""
        return self._deaths.setdefault(pid, self._loop.create_future())

    async def close(self) -> None:
        """End it with all its workers; returns when none of them is left. May be called again."""
        self._control.close()
        self._ended()
        silent, _ = await asyncio.wait([self._silent], timeout=_END)
        if not silent:
            self._process.kill()
            self._stop_reading()
        while self._process.poll() is None:  # noqa: ASYNC110  # it has closed its files: a matter of a moment
            await asyncio.sleep(0.001)

    def _told(self, line: bytes) -> None:
        fact = json.loads(line)
        if "ready" in fact:
            self._ready.set_result(None)
        elif "error" in fact:
            wanted = "an installation with pjsua2-python, which has wheels for CPython 3.8 to 3.12"
            self._ready.set_exception(ConfigurationError("pjsua2", fact["error"], wanted))
        elif "born" in fact:
            birth = self._births.popleft()
            if not birth.done():
                birth.set_result(fact["born"])
        elif not self.death(fact["dead"]).done():
            self.death(fact["dead"]).set_result(fact["how"])

    def _ended(self) -> None:
        self._gone = True
        gone = WorkerCrashed(self.pid, "the nursery that forks the workers is gone")
        if not self._ready.done():
            self._ready.set_exception(gone)
            self._ready.exception()
        for birth in self._births:
            if not birth.done():
                birth.set_exception(gone)
        for death in self._deaths.values():
            if not death.done():
                death.set_result("its nursery is gone")

    def _stop_reading(self) -> None:
        self._loop.remove_reader(self._errors)
        os.close(self._errors)
        self._silent.set_result(None)

    def _read_errors(self) -> None:
        data = os.read(self._errors, 65536)
        *lines, self._text = (self._text + data).split(b"\n")
        if not data:
            lines = [self._text] if self._text else []
            self._stop_reading()
        for line in lines:
            self._on_log(line.decode("utf-8", "replace"))


def _environment() -> dict[str, str]:
    """Ours, with this very package first on the path, and macOS told that forking is intended."""
    here = str(Path(simulator.__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path, "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES"}
