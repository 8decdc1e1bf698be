"""Where pools get worker processes from: one nursery at a time, and another one when it has died."""

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
    """An async context manager; several pools may share it, so that PJSIP is imported once.

    Entering it starts the nursery and does not wait for it; the first `spawn` does, and raises ConfigurationError
    when PJSIP cannot be imported. `on_log` gets each line that a worker writes to standard error.
    """

    def __init__(self, on_log: Callable[[str], None] | None = None) -> None:
        self._on_log = on_log or _LOG.warning
        self._nursery: ForkServerProcess | None = None
        self._renewal = asyncio.Lock()

    async def __aenter__(self) -> Self:
        self._nursery = ForkServerProcess(self._on_log)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        nursery, self._nursery = self._nursery, None
        if nursery is not None:
            await nursery.close()

    async def spawn(self, settings: WorkerSettings) -> tuple[int, socket.socket, asyncio.Future[str]]:
        """A new worker: its process id, our end of its command socket, and how it will have died."""
        nursery = await self._living_nursery()
        pid, sock = await nursery.spawn(settings)
        return pid, sock, nursery.death(pid)

    async def _living_nursery(self) -> ForkServerProcess:
        async with self._renewal:
            if self._nursery is None:
                raise WorkerCrashed(0, "the source of workers is closed")
            if not self._nursery.alive:
                await self._nursery.close()
                self._nursery = ForkServerProcess(self._on_log)
            await self._nursery.ready()
            return self._nursery
