"""A pool of worker processes, some of them started in advance so that a lease takes milliseconds."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from simulator.errors import CallError, ConfigurationError, SimulatorError, WorkerCrashed
from simulator.useragent.handle import UserAgent
from simulator.useragent.messages import WorkerSettings
from simulator.useragent.worker_spawner import WorkerSpawner

_LOG = logging.getLogger("simulator.useragent")

_RESTART_DELAY = 1.0
"""Seconds before a worker that could not start is replaced."""
_MOST_FAILED_STARTS = 3
"""Failed starts, one after another, from which a lease fails: a worker, or the fork server, may have been killed."""


class Pool:
    """At most `limit` workers, of which `warm` are idle and ready as far as the limit allows.

    An async context manager: leaving it hangs up all calls and ends all processes. `on_log` gets each line that
    a worker logs or writes to standard error; without it they go to the log "simulator.useragent". Pools can share a
    `spawner`, which its owner closes after them; without one a pool has its own. `prepare` is awaited with each worker
    that is leased.
    """

    def __init__(
        self,
        settings: WorkerSettings,
        *,
        warm: int,
        limit: int,
        on_log: Callable[[str], None] | None = None,
        spawner: WorkerSpawner | None = None,
        prepare: Callable[[UserAgent], Awaitable[None]] | None = None,
    ) -> None:
        if not 0 <= warm <= limit or limit < 1:
            raise ConfigurationError("warm, limit", (warm, limit), "0 <= warm <= limit, and a limit of at least 1")
        self._settings = settings
        self._warm = warm
        self._limit = limit
        self._on_log = on_log or _LOG.warning
        self._spawner = spawner or WorkerSpawner(self._on_log)
        self._prepare = prepare
        self._owns_spawner = spawner is None
        self._open = False
        self._idle: deque[UserAgent] = deque()
        self._workers: set[UserAgent] = set()
        self._upcoming = 0
        """Number of workers that are being started or reset."""
        self._starting = 0
        """Number of those that are not in `_workers` yet."""
        self._waiting = 0
        """Number of leases that wait for a worker."""
        self._changed = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self._failed_starts = 0
        """Starts that have failed one after another; those that failed at the same time count once."""
        self._failure: SimulatorError | None = None
        """Why the latest of them did."""

    async def __aenter__(self) -> Self:
        if self._owns_spawner:
            await self._spawner.__aenter__()
        self._open = True
        self._refill()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def workers(self) -> frozenset[UserAgent]:
        """All workers that have not exited, leased or idle."""
        return frozenset(self._workers)

    async def lease(self) -> UserAgent:
        """Lease a user agent until `release`. ConfigurationError when all `limit` workers are leased.

        Raises the reason when several workers in a row could not start.
        """
        while True:
            leased = await self._next_worker()
            try:
                if self._prepare is not None:
                    await self._prepare(leased)
            except WorkerCrashed as crash:
                self._on_log(f"[{leased.pid}] not leased: {crash}")
            else:
                return leased

    async def _next_worker(self) -> UserAgent:
        async with self._changed:
            self._waiting += 1
            try:
                while True:
                    if self._closed or not self._open:
                        raise ConfigurationError("pool", "closed", "a pool that is open: use `async with Pool(...)`")
                    leased = self._next_idle()
                    if leased is not None:
                        return leased
                    if self._failure is not None and self._failed_starts >= _MOST_FAILED_STARTS:
                        failure, self._failure = self._failure, None
                        raise failure
                    if self._upcoming < self._waiting and not self._start() and self._upcoming == 0:
                        raise ConfigurationError(
                            "limit",
                            self._limit,
                            "more than the leased workers; release one or raise the limit",
                        )
                    await self._changed.wait()
            finally:
                self._waiting -= 1
                self._refill()

    def _next_idle(self) -> UserAgent | None:
        """Take the next idle worker; those that have died are left to `_watch`, which may not know yet."""
        while self._idle:
            worker = self._idle.popleft()
            if worker.alive:
                return worker
        return None

    async def release(self, user_agent: UserAgent) -> None:
        """Return a user agent, whose calls are hung up. Its worker is reused when its reset succeeds, else closed."""
        if user_agent not in self._workers or user_agent in self._idle:
            return
        self._upcoming += 1
        reusable = False
        try:
            await user_agent.reset()
            user_agent.on_crash = None
            reusable = user_agent.alive
        except (CallError, WorkerCrashed) as error:
            self._on_log(f"[{user_agent.pid}] not reused: {error}")
        finally:
            async with self._changed:
                self._upcoming -= 1
                if reusable and not self._closed:
                    self._idle.append(user_agent)
                self._changed.notify_all()
        if not reusable:
            await user_agent.close()

    async def shrink(self) -> None:
        """End the idle workers beyond `warm`."""
        spare = [self._idle.popleft() for _ in range(len(self._idle) - self._warm)]
        await asyncio.gather(*(worker.close() for worker in spare))

    async def close(self) -> None:
        """Hang up everything and end all processes."""
        if self._closed:
            return
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(worker.close() for worker in tuple(self._workers)))
        if self._owns_spawner:
            await self._spawner.__aexit__(None, None, None)
        async with self._changed:
            self._changed.notify_all()

    def _refill(self) -> None:
        while not self._closed and len(self._idle) + self._upcoming < self._warm + self._waiting and self._start():
            pass

    def _start(self) -> bool:
        """Start a worker in the background; False when there are `limit` already."""
        running = sum(not worker.exited.is_set() for worker in self._workers)
        if running + self._starting >= self._limit:
            return False
        self._upcoming += 1
        self._starting += 1
        self._start_task(self._start_worker())
        return True

    async def _start_worker(self) -> None:
        failure: SimulatorError | None = None
        failed_before = self._failed_starts
        spawned = False
        try:
            pid, sock, exit_report = await self._spawner.spawn(self._settings)
            worker = UserAgent(pid, sock, exit_report, self._on_log, self._settings.timers)
            self._workers.add(worker)
            self._starting -= 1
            spawned = True
            self._start_task(self._watch(worker))
            await worker.ready()
            self._idle.append(worker)
        except SimulatorError as error:
            failure = error
        finally:
            self._upcoming -= 1
            self._starting -= not spawned
        async with self._changed:
            self._failure = failure
            self._failed_starts = 0 if failure is None else failed_before + 1
            self._changed.notify_all()

    async def _watch(self, worker: UserAgent) -> None:
        """Wait until a worker exits, and replace it."""
        await worker.exited.wait()
        self._workers.discard(worker)
        if worker in self._idle:
            self._idle.remove(worker)
        if not worker.address:  # it never listened, and the next one may not either
            await asyncio.sleep(_RESTART_DELAY)
        self._refill()
        async with self._changed:
            self._changed.notify_all()  # a lease may wait for a place among `limit` workers

    def _start_task(self, coroutine: object) -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(coroutine)  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
