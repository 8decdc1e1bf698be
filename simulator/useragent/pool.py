"""Worker processes kept warm, so that a user agent is leased in milliseconds."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

from simulator.errors import CallError, ConfigurationError, SimulatorError, WorkerCrashed
from simulator.useragent.handle import UserAgent
from simulator.useragent.messages import WorkerSettings
from simulator.useragent.worker_spawner import WorkerSpawner

_LOG = logging.getLogger("simulator.useragent")


_RESPITE = 1.0
"""Seconds before a worker that could not start is replaced."""


class Pool:
    """At most `limit` workers, `warm` of them idle and ready, as far as the limit allows.

    An async context manager: leaving it hangs up all calls and ends all processes. `on_log` gets each line that
    a worker writes to standard error or logs; without it they go to the log "simulator.useragent". Pools may share a
    `source`, which its owner closes after them; without one a pool has its own.
    """

    def __init__(
        self,
        settings: WorkerSettings,
        *,
        warm: int,
        limit: int,
        on_log: Callable[[str], None] | None = None,
        source: WorkerSpawner | None = None,
    ) -> None:
        if not 0 <= warm <= limit or limit < 1:
            raise ConfigurationError("warm, limit", (warm, limit), "0 <= warm <= limit, and a limit of at least 1")
        self._settings = settings
        self._warm = warm
        self._limit = limit
        self._on_log = on_log or _LOG.warning
        self._source = source or WorkerSpawner(self._on_log)
        self._owns_source = source is None
        self._open = False
        self._idle: deque[UserAgent] = deque()
        self._workers: set[UserAgent] = set()
        self._coming = 0
        """Workers that will be idle soon: being started or reset."""
        self._starting = 0
        """Those of them that are not in `_workers` yet."""
        self._claims = 0
        self._changed = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self._failure: SimulatorError | None = None

    async def __aenter__(self) -> Self:
        if self._owns_source:
            await self._source.__aenter__()
        self._open = True
        self._refill()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def workers(self) -> frozenset[UserAgent]:
        """All living workers, leased or idle."""
        return frozenset(self._workers)

    async def lease(self) -> UserAgent:
        """A user agent of your own until `release`. ConfigurationError when all `limit` are leased."""
        async with self._changed:
            self._claims += 1
            try:
                while True:
                    if self._closed or not self._open:
                        raise ConfigurationError("pool", "closed", "a pool that is open: use `async with Pool(...)`")
                    if self._idle:
                        return self._idle.popleft()
                    if self._failure is not None:
                        failure, self._failure = self._failure, None
                        raise failure
                    if self._coming < self._claims and not self._start() and self._coming == 0:
                        raise ConfigurationError(
                            "limit", self._limit, "more workers than are leased; release one or raise the limit"
                        )
                    await self._changed.wait()
            finally:
                self._claims -= 1
                self._refill()

    async def release(self, user_agent: UserAgent) -> None:
        """Give it back: its calls are hung up; it is used again only if it comes back clean."""
        if user_agent not in self._workers or user_agent in self._idle:
            return
        self._coming += 1
        clean = False
        try:
            await user_agent.reset()
            user_agent.on_crash = None
            clean = user_agent.alive
        except (CallError, WorkerCrashed) as error:
            self._on_log(f"[{user_agent.pid}] not used again: {error}")
        finally:
            async with self._changed:
                self._coming -= 1
                if clean and not self._closed:
                    self._idle.append(user_agent)
                self._changed.notify_all()
        if not clean:
            await user_agent.close()

    async def close(self) -> None:
        """Hang up everything and end all processes."""
        if self._closed:
            return
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(worker.close() for worker in tuple(self._workers)))
        if self._owns_source:
            await self._source.__aexit__(None, None, None)
        async with self._changed:
            self._changed.notify_all()

    def _refill(self) -> None:
        while not self._closed and len(self._idle) + self._coming < self._warm + self._claims and self._start():
            pass

    def _start(self) -> bool:
        """Begin to start a worker; False at the limit."""
        if len(self._workers) + self._starting >= self._limit:
            return False
        self._coming += 1
        self._starting += 1
        self._spawn(self._start_worker())
        return True

    async def _start_worker(self) -> None:
        failure: SimulatorError | None = None
        born = False
        try:
            pid, sock, death = await self._source.spawn(self._settings)
            worker = UserAgent(pid, sock, death, self._on_log)
            self._workers.add(worker)
            self._starting -= 1
            born = True
            self._spawn(self._watch(worker))
            await worker.ready()
            self._idle.append(worker)
        except SimulatorError as error:
            failure = error
        finally:
            self._coming -= 1
            self._starting -= not born
        async with self._changed:
            self._failure = failure
            self._changed.notify_all()

    async def _watch(self, worker: UserAgent) -> None:
        """Replace a worker that died."""
        await worker.gone.wait()
        self._workers.discard(worker)
        if worker in self._idle:
            self._idle.remove(worker)
        if not worker.address:  # it never came up, and the next one may not either
            await asyncio.sleep(_RESPITE)
        self._refill()

    def _spawn(self, coroutine: object) -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(coroutine)  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
