"""Writes the packets of all calls to a pcapng file: SIP, RTP and RTCP, each packet once.

SIP is observed at the front door and in the user agents. RTP and RTCP are observed at the relay, on the path between
the relay and the peer named in the call's session description; packets towards this peer have passed the impairments.
What the timeline tells of clients, phones, digits, REST calls and webhooks is a comment of the packet before it.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import time
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Literal, NamedTuple, Protocol, Self
from weakref import WeakSet

from simulator.errors import ConfigurationError, WorkerCrashed
from simulator.owner_loop import OwnerLoop, on_owner_loop
from simulator.pcapng import Address, PcapngWriter
from simulator.timeline import Record, Timeline

if TYPE_CHECKING:
    from simulator.front_door import FrontDoor
    from simulator.relay import Relay
    from simulator.sip_requests.hop import Hop
    from simulator.useragent import messages
    from simulator.useragent.handle import UserAgent

_REORDERING_SECONDS = 1.0
"""Seconds for which packets are held back to be written in order, because user agents report theirs later."""
_COMMENTS = frozenset(
    {"carrier", "client", "digit", "event", "mark", "note", "phone", "rest", "roomless", "transfer", "webhook"}
)
"""Kinds of records that become comments."""
_KEPT_DIGESTS = 256
"""Number of the latest TCP messages whose digests are kept, to recognise duplicates."""


class CapturedNetwork(Protocol):
    """The members of `Network` that a capture uses."""

    owner_loop: OwnerLoop
    front_door: FrontDoor
    relay: Relay | None
    agents: WeakSet[UserAgent]
    capturing: Capture | None
    captures: list[Path]
    timeline: Timeline

    @property
    def address(self) -> str:
        """`host:port` of the network's SIP address."""


class _Packet(NamedTuple):
    at: float
    number: int
    transport: Literal["UDP", "TCP"]
    source: Address
    target: Address
    data: bytes


class Capture:
    """A capture: `async with network.capture("call.pcapng"):`, or `with` in synchronous code.

    It lasts from the start of the block to its end; then the file is complete.

    Raises ConfigurationError if the file cannot be written, or another capture is in progress. If the disk is full
    later, the capture ends with a `note` on the timeline, and calls go on. Without a relay the file contains SIP only.
    `append` adds a section to an existing file; `title` is the comment of the section.
    """

    def __init__(self, network: CapturedNetwork, path: str | Path, *, append: bool = False, title: str = "") -> None:
        self.path = Path(path)
        self.packets = 0
        """Number of packets captured so far; the latest may not be in the file yet."""
        self._network = network
        self._mode: Literal["ab", "wb"] = "ab" if append else "wb"
        self._title = title
        self._unwritten: list[_Packet] = []
        self._comments: deque[Record] = deque()
        self._stop_listening: Callable[[], None]
        self._numbers = count()
        """Numbers that keep packets with equal times in order."""
        self._tcp_digests: deque[int] = deque(maxlen=_KEPT_DIGESTS)
        self._file: BinaryIO
        self._writer: PcapngWriter
        self._untracing: asyncio.Task[None] | None = None
        self._listeners: dict[UserAgent, Callable[[messages.SipTraced], None]] = {}
        self._epoch = 0.0
        """Seconds since 1970 at `time.monotonic()` = 0."""

    @property
    def owner_loop(self) -> OwnerLoop:
        """The loop of the network."""
        return self._network.owner_loop

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def __enter__(self) -> Self:
        self.owner_loop.call(self.start())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.owner_loop.call(self.stop())

    @on_owner_loop
    async def start(self) -> None:
        """Start capturing."""
        network = self._network
        if network.capturing is not None:
            raise ConfigurationError(
                "capture", str(self.path), f"one capture at a time; first end that to {network.capturing.path}"
            )
        try:
            self._file = self.path.open(self._mode)
        except OSError as error:
            raise ConfigurationError(
                "capture", str(self.path), f"a file that can be written ({error.strerror})"
            ) from None
        self._writer = PcapngWriter(
            self._file, application="daily-telephony-simulator", interface="loopback", comment=self._title
        )
        self._epoch = time.time() - time.monotonic()
        network.capturing = self
        network.captures.append(self.path)
        self._stop_listening = network.timeline.listen(self._note)
        network.front_door.on_message = self._on_front_door_message
        if network.relay is not None:
            network.relay.on_packet = self._on_relay_packet
        for agent in tuple(network.agents):
            await self.watch(agent)

    @on_owner_loop
    async def stop(self) -> None:
        """Stop capturing, and complete the file."""
        if self._network.capturing is not self:
            return
        await self._untrace()
        self._stop_observing()
        try:
            self._write(_take(self._unwritten, before=None))
            self._file.close()
        except OSError as failure:
            self._record(failure)

    async def _untrace(self) -> None:
        for agent in tuple(self._network.agents):
            if agent.alive:
                with contextlib.suppress(WorkerCrashed):
                    await agent.trace("direct")
        for agent, listener in self._listeners.items():
            agent.message_listeners.discard(listener)
        self._listeners.clear()

    def _stop_observing(self) -> None:
        network = self._network
        network.capturing = None
        self._stop_listening()
        network.front_door.on_message = None
        if network.relay is not None:
            network.relay.on_packet = None

    def _fail(self, failure: OSError) -> None:
        """End the capture because its file cannot be written. The message that was being captured must not suffer."""
        self._stop_observing()
        self._unwritten.clear()
        self._record(failure)
        self._untracing = asyncio.create_task(self._untrace(), name=f"end of the capture {self.path}")

    def _record(self, failure: OSError) -> None:
        with contextlib.suppress(OSError):  # what is left in the buffer cannot be written either
            self._file.close()
        self._network.timeline.append(
            "note",
            capture=str(self.path),
            because=f"the capture has ended: {failure.strerror}",
            packets=self.packets,
        )

    async def watch(self, agent: UserAgent) -> None:
        """Also capture the SIP messages of this user agent."""
        if agent.alive:
            listener = self._listeners.setdefault(agent, partial(self._on_agent_message, agent))
            agent.message_listeners.add(listener)
            await agent.trace("all")

    # --- observed packets ---------------------------------------------------------------------------------------------

    def _on_relay_packet(self, at: float, source: Address, target: Address, data: bytes) -> None:
        self._add(at, "UDP", source, target, data)

    def _on_front_door_message(self, at: float, data: bytes, hop: Hop, sent: bool) -> None:
        front_door, peer = _address(self._network.address), (hop.host, hop.port)
        if sent:
            self._add(at, "TCP" if hop.connection is not None else "UDP", front_door, peer, data)
        elif hop.connection is not None:
            self._add(at, "TCP", peer, front_door, data)
        elif peer not in self._agent_addresses():
            self._add(at, "UDP", peer, front_door, data)

    def _on_agent_message(self, agent: UserAgent, traced: messages.SipTraced) -> None:
        """Capture a message that `agent` has sent, or has received from a peer that is not observed itself."""
        data, peer = traced.text.encode("latin-1"), _address(traced.peer)
        front_door = _address(self._network.address)
        if traced.transport == "TCP":
            if peer == front_door or self._is_repeated(data):
                return
        elif not traced.sent and (peer == front_door or peer in self._agent_addresses()):
            return
        own = _address(agent.address)
        ends = (own, peer) if traced.sent else (peer, own)
        self._add(traced.at, traced.transport, *ends, data)

    def _is_repeated(self, data: bytes) -> bool:
        """Whether this TCP message has just been captured: if both ends are observed, each reports it."""
        digest = hash(data)
        if digest in self._tcp_digests:
            return True
        self._tcp_digests.append(digest)
        return False

    def _agent_addresses(self) -> set[Address]:
        return {_address(agent.address) for agent in self._network.agents}

    # --- the file --------------------------------------------------------------------------------------------

    def _add(
        self,
        at: float,
        transport: Literal["UDP", "TCP"],
        source: Address,
        target: Address,
        data: bytes,
    ) -> None:
        if self._network.capturing is not self:
            return  # a message that an agent traced while the capture ended
        self.packets += 1
        packet = _Packet(at, next(self._numbers), transport, source, target, data)
        heapq.heappush(self._unwritten, packet)
        try:
            self._write(_take(self._unwritten, before=time.monotonic() - _REORDERING_SECONDS))
        except OSError as failure:
            self._fail(failure)

    def _note(self, record: Record) -> None:
        if record.kind in _COMMENTS:
            self._comments.append(record)

    def _write(self, packets: Iterable[_Packet]) -> None:
        for packet in packets:
            write = self._writer.udp if packet.transport == "UDP" else self._writer.tcp
            write(self._epoch + packet.at, packet.source, packet.target, packet.data, comment=self._comment())

    def _comment(self) -> str:
        """What happened before the next packet, in lines; the last packet has all that happened after it."""
        following = self._network.timeline.seconds_at(self._unwritten[0].at) if self._unwritten else None
        lines = []
        while self._comments and (following is None or self._comments[0].at < following):
            lines.append(str(self._comments.popleft()))
        return "\n".join(lines)


def _take(heap: list[_Packet], *, before: float | None) -> Iterable[_Packet]:
    """Remove the packets captured before `before`, or all if it is None, and yield them, oldest first."""
    while heap and (before is None or heap[0].at < before):
        yield heapq.heappop(heap)


def _address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    return host, int(port)
