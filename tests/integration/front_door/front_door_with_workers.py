"""A front door with real workers behind it; a function of the test handles each incoming call."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from simulator.errors import CallError, WorkerCrashed
from simulator.front_door import Destination, DestinationGroup, FinalResponse, FrontDoor
from simulator.sip_timers import FAST_TIMERS
from simulator.timeline import Timeline
from simulator.useragent.handle import Call, UserAgent
from simulator.useragent.messages import AnyCallNotice, Crashed, Ended, Incoming, WorkerSettings
from simulator.useragent.pool import Pool

Handler = Callable[[Call], Awaitable[None]]


async def answer(call: Call) -> None:
    await call.answer()


async def ring(call: Call) -> None:
    await call.ring()


class FrontDoorWithWorkers:
    """A front door with `workers` user agents in one group; `handle` gets each incoming call."""

    def __init__(self, workers: int, handle: Handler = answer) -> None:
        self.timeline = Timeline()
        self.group = DestinationGroup(name="workers")
        self.front_door = FrontDoor(port=0, router=self._route, timeline=self.timeline)
        self.agents: list[UserAgent] = []
        self.crashes: list[Crashed] = []
        self.log: list[str] = []
        self.calls: list[Call] = []
        self.call_came = asyncio.Event()
        self._handle = handle
        self._workers = workers
        self._tasks: set[asyncio.Task[None]] = set()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self.front_door)
        settings = WorkerSettings(label="workers", proxy=self.front_door.address, timers=FAST_TIMERS)
        self.pool = await self._stack.enter_async_context(
            Pool(settings, warm=self._workers, limit=self._workers + 2, on_log=self.log.append)
        )
        for _ in range(self._workers):
            self._add_worker(await self.pool.lease())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def refusals(self, status: int) -> int:
        """How often the front door itself sent a response with this status."""
        return sum(record.fields.get("refused") == status for record in self.timeline.records(kind="sip"))

    def kill(self, agent: UserAgent) -> None:
        os.kill(agent.pid, signal.SIGKILL)

    def _route(self, _invite: object) -> DestinationGroup | FinalResponse:
        return self.group

    def _add_worker(self, agent: UserAgent) -> None:
        destination = Destination(agent.address)
        self.agents.append(agent)
        self.group.add(destination)

        def incoming(call: Call, _notice: Incoming) -> None:
            call.on_notice = lambda notice: self._on_notice(call, notice, destination)
            self.calls.append(call)
            self.call_came.set()
            task = asyncio.get_running_loop().create_task(self._handle_call(call))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        def crashed(crash: Crashed) -> None:
            self.crashes.append(crash)
            self.group.worker_died(destination)
            self.front_door.worker_died(destination)

        agent.on_incoming = incoming
        agent.on_crash = crashed

    def _on_notice(self, call: Call, notice: AnyCallNotice, destination: Destination) -> None:
        if isinstance(notice, Ended):
            self.front_door.call_ended(call.sip_call_id, destination)

    async def _handle_call(self, call: Call) -> None:
        try:
            await self._handle(call)
        except (CallError, WorkerCrashed) as error:
            self.log.append(f"{call.sip_call_id}: {error}")
