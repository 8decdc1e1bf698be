"""What was on the wire, as a pcapng file: SIP, RTP and RTCP of all calls, each packet once.

SIP comes from the front door and from the user agents, RTP and RTCP from the relay: what passes between it and the
peer that a call's session description names, after the relay's faults where it is our side that sends.
"""

from __future__ import annotations

import heapq
import time
from collections import deque
from collections.abc import Iterable
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Literal, NamedTuple, Self

from simulator.errors import ConfigurationError, WorkerCrashed
from simulator.owner_loop import OwnerLoop, on_owner_loop
from simulator.pcapng import Address, PcapngWriter

if TYPE_CHECKING:
    from simulator.front_door.wire import Hop
    from simulator.network import Network
    from simulator.useragent import messages
    from simulator.useragent.handle import UserAgent

_SORTED_WITHIN = 1.0
"""Seconds that packets are kept back to be written in order: those of a user agent are told a moment later."""
_KEPT_DIGESTS = 256


class _Packet(NamedTuple):
    at: float
    number: int
    transport: Literal["UDP", "TCP"]
    source: Address
    target: Address
    data: bytes
    comment: str


class Capture:
    """`async with network.capture("call.pcapng"):`, or `with` from a plain test; complete when it is left.

    Raises ConfigurationError when the file cannot be written or a capture is under way. Without a relay it has SIP
    only. With `append` it becomes another section of a file that there is, with its own `title` as a comment.
    """

    def __init__(self, network: Network, path: str | Path, *, append: bool = False, title: str = "") -> None:
        self.path = Path(path)
        self.packets = 0
        """Written or about to be."""
        self._network = network
        self._mode: Literal["ab", "wb"] = "ab" if append else "wb"
        self._title = title
        self._waiting: list[_Packet] = []
        self._numbers = count()
        self._told: deque[int] = deque(maxlen=_KEPT_DIGESTS)
        self._file: BinaryIO
        self._writer: PcapngWriter
        self._epoch = 0.0

    @property
    def owner_loop(self) -> OwnerLoop:
        """The network's."""
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
        """Everything from now on."""
        network = self._network
        if network.capturing is not None:
            raise ConfigurationError("capture", str(self.path), f"one at a time; {network.capturing.path} is written")
        try:
            self._file = self.path.open(self._mode)
        except OSError as error:
            raise ConfigurationError("capture", str(self.path), f"a file to write ({error.strerror})") from None
        self._writer = PcapngWriter(
            self._file, application="daily-telephony-simulator", interface="loopback", comment=self._title
        )
        self._epoch = time.time() - time.monotonic()
        network.capturing = self
        network.front_door.wiretap = self._at_the_door
        if network.relay is not None:
            network.relay.wiretap = self._media
        for agent in tuple(network.agents):
            await self.watch(agent)

    @on_owner_loop
    async def stop(self) -> None:
        """Complete the file."""
        network = self._network
        if network.capturing is not self:
            return
        for agent in tuple(network.agents):
            if agent.alive:
                try:
                    await agent.trace(None)
                except WorkerCrashed:
                    continue
        network.capturing = None
        network.front_door.wiretap = None
        if network.relay is not None:
            network.relay.wiretap = None
        self._write(_popped(self._waiting, before=None))
        self._file.close()

    async def watch(self, agent: UserAgent) -> None:
        """Take in the SIP of another user agent."""
        if agent.alive:
            await agent.trace(lambda traced: self._from_agent(agent, traced))

    # --- sources ---------------------------------------------------------------------------------------------

    def _media(self, at: float, source: Address, target: Address, data: bytes) -> None:
        self._add(at, "UDP", source, target, data)

    def _at_the_door(self, at: float, data: bytes, hop: Hop, sent: bool) -> None:
        door, peer = _address(self._network.address), (hop.host, hop.port)
        if sent:
            self._add(at, "TCP" if hop.connection is not None else "UDP", door, peer, data)
        elif hop.connection is not None:
            self._add(at, "TCP", peer, door, data)
        elif peer not in self._own():
            self._add(at, "UDP", peer, door, data)

    def _from_agent(self, agent: UserAgent, traced: messages.SipTraced) -> None:
        """What it sent, and what it received from somebody who does not tell of it himself."""
        data, peer = traced.text.encode("latin-1"), _address(traced.peer)
        door = _address(self._network.address)
        if traced.transport == "TCP":
            if peer == door or self._is_told(data):
                return
        elif not traced.sent and (peer == door or peer in self._own()):
            return
        own = _address(agent.address)
        comment = f"{traced.cut_off} bytes at the end are missing" if traced.cut_off else ""
        ends = (own, peer) if traced.sent else (peer, own)
        self._add(traced.at, traced.transport, *ends, data, comment)

    def _is_told(self, data: bytes) -> bool:
        """Whether these bytes came by TCP just now: a connection's other end tells of them too, by another port."""
        digest = hash(data)
        if digest in self._told:
            return True
        self._told.append(digest)
        return False

    def _own(self) -> set[Address]:
        return {_address(agent.address) for agent in self._network.agents}

    # --- the file --------------------------------------------------------------------------------------------

    def _add(
        self,
        at: float,
        transport: Literal["UDP", "TCP"],
        source: Address,
        target: Address,
        data: bytes,
        comment: str = "",
    ) -> None:
        self.packets += 1
        packet = _Packet(at, next(self._numbers), transport, source, target, data, comment)
        heapq.heappush(self._waiting, packet)
        self._write(_popped(self._waiting, before=time.monotonic() - _SORTED_WITHIN))

    def _write(self, packets: Iterable[_Packet]) -> None:
        for packet in packets:
            write = self._writer.udp if packet.transport == "UDP" else self._writer.tcp
            write(self._epoch + packet.at, packet.source, packet.target, packet.data, comment=packet.comment)


def _popped(waiting: list[_Packet], *, before: float | None) -> Iterable[_Packet]:
    while waiting and (before is None or waiting[0].at < before):
        yield heapq.heappop(waiting)


def _address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    return host, int(port)
