"""The gateway: user agents that place and take calls at the network's address on behalf of a service such as Daily."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from types import TracebackType

from simulator.destinations import Destinations
from simulator.errors import CallRefused, WorkerCrashed
from simulator.front_door import DestinationGroup, FinalResponse
from simulator.header_fields import header_fields
from simulator.leased_worker import LeasedWorker
from simulator.network import Network
from simulator.replacing import ReplacesRefusal, replaced_call
from simulator.useragent import messages
from simulator.useragent.handle import Call
from simulator.useragent.messages import AudioCodec
from simulator.useragent.pending_ends import hear_pending_ends
from simulator.useragent.pool import Pool
from simulator.video.preferences import VideoPreferences

BEING_RESET = FinalResponse(480, "Temporarily Unavailable: the server is being reset")
"""What callers get meanwhile."""
REMEMBERED_DIALOGS = 200
"""How many ended dialogs are remembered, for INVITEs that request to replace them."""
_SHOWN_WAITS = 5
"""How many waits an explanation names, the latest ones."""
AUDIO_PHASE_MS = 10
"""Offset of the workers' audio exchange: half a frame from the multiples of 20 ms at which mixers take audio."""


class Gateway:
    """Takes the calls to the network's address that are not for a phone, and places calls from this address.

    `async with Gateway(network, on_incoming=…)` starts `workers` processes for four calls each, and more on demand, up
    to `most`. `on_incoming` is called with each new call, and must answer or refuse it.
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
        self._initial_workers = workers
        self._most_workers = most
        self._workers: list[LeasedWorker] = []
        self._starting: set[asyncio.Task[None]] = set()
        """Each starts one worker."""
        self._ended_dialogs: deque[tuple[str, str, str]] = deque(maxlen=REMEMBERED_DIALOGS)

    async def __aenter__(self) -> Gateway:
        settings = self._network.worker_settings(label="gateway", audio_phase_ms=AUDIO_PHASE_MS)
        self._pool = Pool(
            settings,
            warm=1,
            limit=self._most_workers,
            on_log=self._network.record_log,
            spawner=self._network.workers,
            prepare=self._network.register,
        )
        async with AsyncExitStack() as starting:  # a start that fails ends what has started
            await starting.enter_async_context(self._pool)
            await asyncio.gather(*(self._add_worker() for _ in range(self._initial_workers)))
            starting.pop_all()
        self._network.trunk = self.group
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._network.trunk = None
        for task in self._starting:
            task.cancel()
        await asyncio.gather(*self._starting, return_exceptions=True)
        await self._pool.__aexit__(kind, error, trace)
        self._workers.clear()

    @property
    def calls(self) -> list[Call]:
        """All calls that have not ended."""
        return [call for worker in self._workers for call in worker.agent.calls.values()]

    @property
    def address(self) -> str:
        """`host:port` for calls to the gateway: the network's SIP address."""
        return self._network.public_address

    @property
    def destinations(self) -> Destinations:
        """Where packets of its network may go."""
        return self._network.destinations

    @property
    def codecs(self) -> frozenset[AudioCodec]:
        """The audio codecs that the workers support."""
        return self._workers[0].agent.codecs if self._workers else frozenset()

    @property
    def full(self) -> bool:
        """Whether the gateway has its maximum number of workers, and none of them can take another call."""
        can_grow = len(self._workers) < self._most_workers
        return not can_grow and not any(worker.has_free_slot for worker in self._workers)

    def check_reachable(self, target: str) -> None:
        """Raise HostNotAllowed or ConfigurationError if the target cannot be dialled."""
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
        """Dial a number or SIP URI from the worker with the fewest calls; return once the INVITE has been sent.

        Raises HostNotAllowed or ConfigurationError for the target, and CallRefused (503) if all workers are full.
        """
        resolved = await self._network.reach(target)
        dialled: list[Call] = []

        async def send_invite() -> Call:
            worker = await self._free_worker()
            reservation = object()

            def on_call_notice(notice: messages.AnyCallNotice) -> None:
                if not dialled:
                    if not isinstance(notice, messages.Dialling):
                        return  # the worker died before the INVITE
                    dialled.append(worker.agent.calls[notice.call])
                on_notice(dialled[0], notice)
                if isinstance(notice, messages.Ended):
                    self._network.front_door.caller_ended(dialled[0].sip_call_id)
                    self.group.call_ended(worker.destination, reservation)
                    self._remember(dialled[0])

            self.group.call_started(worker.destination, reservation)
            try:
                return await worker.agent.dial(
                    resolved.uri,
                    via_proxy=resolved.via_proxy,
                    codecs=tuple(codecs),
                    headers=(*resolved.headers, *header_fields(headers)),
                    caller=caller,
                    display_name=display_name,
                    video=video,
                    on_notice=on_call_notice,
                )
            except BaseException:
                self.group.call_ended(worker.destination, reservation)
                raise

        try:
            return await send_invite()
        except WorkerCrashed:
            if dialled:
                raise
            return await send_invite()  # by another worker

    def has_admitted(self, call: Call, host: str) -> bool:
        """Whether the front door has admitted a call to a guarded host; not so one to a worker's own address."""
        return self._network.front_door.guarded_hosts.has_admitted(call.sip_call_id, host)

    def explanation(self) -> str | None:
        """What its calls wait for at the moment; None when they wait for nothing."""
        waits = [f"call {call.sip_call_id}: {wait}" for call in self.calls for wait in call.waits.texts]
        return "; ".join(waits[-_SHOWN_WAITS:]) or None

    async def hear_pending_ends(self) -> None:
        """Return when all ends of calls that its workers know of now were handled here."""
        await hear_pending_ends([worker.agent for worker in self._workers if worker.agent.calls])

    def replaced_call(self, incoming: messages.Incoming) -> Call | ReplacesRefusal:
        """The call that an INVITE with Replaces names, whichever worker has it, or how the INVITE is to be refused."""
        return replaced_call(incoming, self.calls, self._ended_dialogs)

    def _remember(self, call: Call) -> None:
        if call.dialog is not None:
            self._ended_dialogs.append(call.dialog.ids)

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Refuse all incoming calls with 480 while the context is open."""
        self.group.closed = BEING_RESET
        for worker in self._workers:
            worker.agent.on_incoming = None  # which refuses calls that are on their way from the front door
        try:
            yield
        finally:
            self.group.closed = None
            for worker in self._workers:
                self._take_calls_of(worker)

    async def reset(self) -> None:
        """End all calls, and return to the initial number of workers.

        A worker with a slot in use is replaced: peers may not respond to its BYE or CANCEL.
        """
        if self._starting:
            await asyncio.wait(self._starting)
        idle = [worker for worker in self._workers if not (worker.agent.calls or worker.destination.slots_in_use)]
        kept = idle[: self._initial_workers]
        given_back = [worker for worker in self._workers if worker not in kept]
        for worker in given_back:
            self._remove(worker)
        await asyncio.gather(*(self._pool.release(worker.agent) for worker in given_back))
        await asyncio.gather(*(self._start_worker() for _ in range(self._initial_workers - len(kept))))
        await self._pool.shrink()

    async def _free_worker(self) -> LeasedWorker:
        while True:
            free = [worker for worker in self._workers if worker.has_free_slot]
            if free:
                return min(free, key=lambda worker: worker.destination.slots_in_use)
            if not self._starting and len(self._workers) >= self._most_workers:
                raise CallRefused(
                    f"all gateway workers are in use, at most {self._most_workers}", 503, "Service Unavailable"
                )
            await self._grow()

    async def _grow(self) -> None:
        """Add a worker, up to the gateway's maximum. Concurrent callers wait for the same new worker."""
        if not self._starting and len(self._workers) < self._most_workers:
            self._start_worker()
        if self._starting:
            done, _ = await asyncio.wait(self._starting, return_when=asyncio.FIRST_COMPLETED)
            for started in done:
                started.result()

    def _start_worker(self) -> asyncio.Task[None]:
        task = asyncio.create_task(self._add_worker(), name="another gateway worker")
        self._starting.add(task)
        task.add_done_callback(self._worker_started)
        return task

    def _worker_started(self, task: asyncio.Task[None]) -> None:
        self._starting.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            self._network.record_log(f"a gateway worker could not be started: {failure}")

    async def _add_worker(self) -> None:
        agent = await self._pool.lease()
        worker = LeasedWorker.of(agent)
        if self.group.closed is None:
            self._take_calls_of(worker)
        agent.on_held_slots = lambda: self.group.slots_held(worker.destination, agent.held_slots)
        self._workers.append(worker)
        self.group.add(worker.destination)
        agent.on_crash = lambda crash: self._on_crash(worker, crash)  # at once if it has died already

    def _take_calls_of(self, worker: LeasedWorker) -> None:
        worker.agent.on_incoming = lambda call, incoming: self._take(worker, call, incoming)

    def _take(self, worker: LeasedWorker, call: Call, incoming: messages.Incoming) -> None:
        if not self._network.front_door.knows(call.sip_call_id):  # its peer has called the worker's own address
            self.group.call_started(worker.destination, call)
        self._on_incoming(call, incoming)
        listener = call.on_notice

        def on_call_notice(notice: messages.AnyCallNotice) -> None:
            if listener is not None:
                listener(notice)
            if isinstance(notice, messages.Ended):
                self._network.front_door.call_ended(call.sip_call_id, worker.destination)
                self.group.call_ended(worker.destination, call)
                self._remember(call)

        call.on_notice = on_call_notice

    def _remove(self, worker: LeasedWorker) -> None:
        self._workers.remove(worker)
        self.group.worker_died(worker.destination)
        worker.agent.on_incoming = worker.agent.on_crash = worker.agent.on_held_slots = None

    def _on_crash(self, worker: LeasedWorker, crash: messages.Crashed) -> None:
        self._network.timeline.append("worker", at=crash.at, gateway=worker.agent.pid, action="crashed", how=crash.how)
        self._remove(worker)
        self._network.front_door.worker_died(worker.destination, worker.agent.orphaned)
        self._start_worker()
