"""Where pools get their worker processes from: a fork server, which is restarted when it has exited."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from types import TracebackType
from typing import Self

from simulator.errors import WorkerCrashed
from simulator.useragent.fork_server_process import ForkServerProcess
from simulator.useragent.messages import WorkerSettings

_LOG = logging.getLogger("simulator.useragent")


class WorkerSpawner:
    """Spawns workers from one fork server at a time. An async context manager.

    Several pools can share it, so that PJSIP is imported once. Entering it starts the fork server without waiting; the
    first `spawn` waits, and raises ConfigurationError when PJSIP cannot be imported. `on_log` gets each line that the
    fork server or a worker writes to standard error.
    """

    def __init__(self, on_log: Callable[[str], None] | None = None) -> None:
        self._on_log = on_log or _LOG.warning
        self._fork_server: ForkServerProcess | None = None
        self._restart = asyncio.Lock()

    async def __aenter__(self) -> Self:
        self._fork_server = ForkServerProcess(self._on_log)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        fork_server, self._fork_server = self._fork_server, None
        if fork_server is not None:
            await fork_server.close()

    async def spawn(self, settings: WorkerSettings) -> tuple[int, socket.socket, asyncio.Future[str]]:
        """Spawn a worker: its process id, our end of its command socket, and a future of how it will have exited."""
        fork_server = await self._running_fork_server()
        try:
            (pid, exit_report), sock = await fork_server.spawn(settings)
        except WorkerCrashed:  # it has been killed meanwhile, or it was stopped
            fork_server = await self._running_fork_server()
            (pid, exit_report), sock = await fork_server.spawn(settings)
        return pid, sock, exit_report

    async def _running_fork_server(self) -> ForkServerProcess:
        async with self._restart:
            if self._fork_server is None:
                raise WorkerCrashed(0, "the worker spawner is closed")
            if not self._fork_server.alive:
                await self._fork_server.close()
                self._fork_server = ForkServerProcess(self._on_log)
            await self._fork_server.ready()
            return self._fork_server
