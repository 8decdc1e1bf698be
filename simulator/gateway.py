"""The SIP side of a service: a set of user agents that share the network's address and place calls from it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType

from simulator.errors import CallRefused
from simulator.front_door import Destination, DestinationGroup
from simulator.network import Network
from simulator.phone_call import as_headers
from simulator.useragent import messages
from simulator.useragent.handle import Call, UserAgent
from simulator.useragent.messages import AudioCodec, WorkerSettings
from simulator.useragent.pool import Pool
from simulator.video.preferences import VideoPreferences

SLOTS = 4
"""Calls that one PJSIP worker of this build can carry."""
BEAT_MS = 10
"""When gateway workers handle audio: halfway between the whole 20 ms of the clock, at which a mixer may take it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One user agent of the gateway, as the front door sees it."""

    agent: UserAgent
    destination: Destination


class Gateway:
    """Takes every call to the network's address that is for no phone, and dials out.

    `async with Gateway(network, on_incoming=…)`. It begins with `workers` processes of four calls each and grows to
    `most` as calls need them. `on_incoming` gets each new call and decides about it with the call's verbs.
    """

    def __init__(
        self,
        network: Network,
        *,
        on_incoming: Callable[[Call, messages.Incoming], None],
        workers: int = 1,
        most: int = 16,
    ) -> None:
        self.group = DestinationGroup(name="gateway", grow=self._grow)
        self._network = network
        self._on_incoming = on_incoming
        self._workers = workers
        self._most = most
        self._lines: list[Line] = []
        self._growing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Gateway:
        settings = WorkerSettings(label="gateway", proxy=self._network.address, audio_phase_ms=BEAT_MS)
        self._pool = Pool(settings, warm=1, limit=self._most, on_log=self._network.log, spawner=self._network.workers)
        await self._pool.__aenter__()
        await asyncio.gather(*(self._open_line() for _ in range(self._workers)))
        self._network.trunk = self.group
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._network.trunk = None
        if self._growing is not None:
            self._growing.cancel()
        await self._pool.__aexit__(kind, error, trace)
        self._lines.clear()

    @property
    def calls(self) -> list[Call]:
        """All calls that are up or coming up."""
        return [call for line in self._lines for call in line.agent.calls.values()]

    @property
    def address(self) -> str:
        """`host:port` where it is called: the network's."""
        return self._network.address

    @property
    def codecs(self) -> frozenset[AudioCodec]:
        """What its workers speak."""
        return self._lines[0].agent.codecs if self._lines else frozenset()

    @property
    def full(self) -> bool:
        """Whether every worker that there may be has all its calls."""
        return len(self._lines) >= self._most and not any(self._has_slot(line) for line in self._lines)

    def check_reachable(self, target: str) -> None:
        """Raises HostNotAllowed or ConfigurationError for a target that cannot be dialled."""
        self._network.resolve(target)

    async def dial(
        self,
        target: str,
        *,
        codecs: Sequence[AudioCodec],
        headers: Mapping[str, str],
        caller: str,
        display_name: str | None,
        on_notice: Callable[[Call, messages.AnyCallNotice], None],
        video: VideoPreferences | None = None,
    ) -> Call:
        """Send an INVITE to a number or SIP URI from the least loaded worker; returns once it is out.

        Raises HostNotAllowed or ConfigurationError for the target, and CallRefused (503) when all workers are full.
        """
        where = self._network.resolve(target)
        line = await self._free_line()
        dialled: list[Call] = []

        def pass_on(notice: messages.AnyCallNotice) -> None:
            if not dialled:
                if not isinstance(notice, messages.Dialling):
                    return  # the worker died before the INVITE; `dial` itself raises WorkerCrashed
                dialled.append(line.agent.calls[notice.call])
            call = dialled[0]
            if isinstance(notice, messages.Dialling):
                self.group.outgoing_call_started(line.destination, notice.sip_call_id)
            on_notice(call, notice)
            if isinstance(notice, messages.Ended):
                self.group.outgoing_call_ended(line.destination, call.sip_call_id)

        return await line.agent.dial(
            where.uri,
            via_proxy=where.via_proxy,
            codecs=tuple(codecs),
            headers=(*where.headers, *as_headers(headers)),
            caller=caller,
            display_name=display_name,
            video=video,
            on_notice=pass_on,
        )

    async def reset(self) -> None:
        """Hang up all calls; the workers stay."""
        await asyncio.gather(*(line.agent.reset() for line in self._lines if line.agent.calls))

    async def _free_line(self) -> Line:
        free = [line for line in self._lines if self._has_slot(line)]
        if not free:
            await self._grow()
            free = [line for line in self._lines if self._has_slot(line)]
        if not free:
            raise CallRefused("all gateway workers are in use", 503, "Service Unavailable")
        return min(free, key=lambda line: len(line.agent.calls))

    @staticmethod
    def _has_slot(line: Line) -> bool:
        return len(line.agent.calls) < SLOTS

    async def _grow(self) -> None:
        if len(self._lines) < self._most:
            if self._growing is None or self._growing.done():
                self._growing = asyncio.create_task(self._open_line(), name="another gateway worker")
            await asyncio.shield(self._growing)

    async def _open_line(self) -> None:
        agent = await self._pool.lease()
        await self._network.adopt(agent)
        line = Line(agent, Destination(agent.address, slots=SLOTS))
        agent.on_incoming = lambda call, incoming: self._take(line, call, incoming)
        agent.on_crash = lambda crash: self._crashed(line, crash)
        self._lines.append(line)
        self.group.add(line.destination)

    def _take(self, line: Line, call: Call, incoming: messages.Incoming) -> None:
        self._on_incoming(call, incoming)
        wanted = call.on_notice

        def pass_on(notice: messages.AnyCallNotice) -> None:
            if wanted is not None:
                wanted(notice)
            if isinstance(notice, messages.Ended):
                self._network.front_door.call_ended(call.sip_call_id, line.destination)

        call.on_notice = pass_on

    def _crashed(self, line: Line, crash: messages.Crashed) -> None:
        self._network.timeline.append("worker", at=crash.at, gateway=line.agent.pid, action="crashed", how=crash.how)
        self._lines.remove(line)
        self.group.worker_died(line.destination)
        self._network.front_door.worker_died(line.destination)
        self._growing = asyncio.create_task(self._open_line(), name="a new gateway worker")
