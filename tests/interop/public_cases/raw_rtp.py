"""An RTP socket that sends exactly what a test writes, and keeps what it receives."""

from __future__ import annotations

import asyncio
import itertools
import socket
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from simulator.audio.g711 import encode
from simulator.audio.samples import as_pcm
from simulator.audio.tones import tone
from simulator.waiting import Changes

T = TypeVar("T")

HOST = "127.0.0.1"
WITHIN_S = 4.0
"""How long a test waits for a packet or a message, in seconds."""


@dataclass(frozen=True)
class RtpPacket:
    """A received RTP or RTCP packet; `at` in seconds of the monotonic clock."""

    at: float
    data: bytes
    source: tuple[str, int] = ("", 0)

    @property
    def is_rtcp(self) -> bool:
        """Whether the packet type is one of RTCP (RFC 5761 §4)."""
        return 192 <= self.data[1] <= 223

    @property
    def payload_type(self) -> int:
        return self.data[1] & 0x7F

    @property
    def marker(self) -> bool:
        return bool(self.data[1] & 0x80)

    @property
    def sequence(self) -> int:
        return int.from_bytes(self.data[2:4])

    @property
    def timestamp(self) -> int:
        return int.from_bytes(self.data[4:8])

    @property
    def ssrc(self) -> int:
        return int.from_bytes(self.data[8:12])

    @property
    def payload(self) -> bytes:
        return self.data[12:]


class RtpSocket(asyncio.DatagramProtocol):
    """A UDP socket on an even port for RTP, and one on the next port for RTCP."""

    def __init__(self) -> None:
        self.packets: list[RtpPacket] = []
        self.rtcp: list[RtpPacket] = []
        """What has arrived on the port for RTCP."""
        self._changes = Changes()
        self._rtcp_transport: asyncio.DatagramTransport
        self._transport: asyncio.DatagramTransport
        self._sequence, self._timestamp, self.ssrc = 1, 160, 0x5EED

    async def __aenter__(self) -> RtpSocket:
        rtp, rtcp = _port_pair()
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=rtp)
        self._rtcp_transport, _ = await loop.create_datagram_endpoint(lambda: _RtcpPort(self), sock=rtcp)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._transport.close()
        self._rtcp_transport.close()

    @property
    def port(self) -> int:
        return int(self._transport.get_extra_info("sockname")[1])

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.packets.append(RtpPacket(time.monotonic(), data, addr))
        self._changes.notify()

    def send(
        self,
        to: tuple[str, int],
        payload: bytes,
        *,
        payload_type: int = 0,
        marker: bool = False,
        sequence: int | None = None,
        timestamp: int | None = None,
        ssrc: int | None = None,
    ) -> None:
        """Send one packet. What is left out goes on from the packet before: sequence + 1, timestamp + 160."""
        self._sequence = self._sequence + 1 if sequence is None else sequence
        self._timestamp = self._timestamp + 160 if timestamp is None else timestamp
        second = payload_type | (0x80 if marker else 0)
        header = struct.pack(
            "!BBHII", 0x80, second, self._sequence & 0xFFFF, self._timestamp & 0xFFFFFFFF, ssrc or self.ssrc
        )
        self._transport.sendto(header + payload, to)

    async def play(self, to: tuple[str, int], hz: float) -> None:
        """Send a tone as PCMU in packets of 20 ms until this is cancelled."""
        sound = encode(as_pcm(tone(hz, 1, rate=8000)), "PCMU")
        began = time.monotonic()
        for number in itertools.count():
            at = number * 160 % len(sound)
            self.send(to, sound[at : at + 160])
            await asyncio.sleep(began + 0.02 * (number + 1) - time.monotonic())

    async def receives_nothing(self, *, for_s: float = 0.2) -> None:
        """Let what is on its way arrive, then fail if RTP or RTCP comes in the next `for_s` seconds."""
        await asyncio.sleep(0.06)
        before = len(self.packets), len(self.rtcp)
        await asyncio.sleep(for_s)
        assert (len(self.packets), len(self.rtcp)) == before, "packets, although none are wanted"

    def send_bytes(self, data: bytes, to: tuple[str, int]) -> None:
        """Send these bytes as they are."""
        self._transport.sendto(data, to)

    async def until(self, wanted: Callable[[RtpPacket], bool], *, within: float = WITHIN_S) -> list[RtpPacket]:
        """Wait for an RTP packet like that; returns all that were received so far."""
        found = await self._changes.until(lambda: any(map(wanted, self.rtp())) or None, within=within)
        assert found, f"no such packet within {within:g} s"
        return self.rtp()

    async def receives(self, *, within: float = WITHIN_S, after: int = 0) -> list[RtpPacket]:
        """Wait for RTP (not RTCP) beyond the first `after` packets of the list."""
        rtp = await self._changes.until(lambda: self.rtp(after) or None, within=within)
        assert rtp, f"no RTP within {within:g} s"
        return rtp

    async def wait(self, found: Callable[[], T | None], *, within: float = WITHIN_S) -> T | None:
        """What `found` returns once it is not None, called after each packet; None after `within` seconds."""
        return await self._changes.until(found, within=within)

    async def sender(self) -> tuple[str, int]:
        """Wait for the next RTP packet but one, which was sent after now; returns where it came from."""
        now = len(self.rtp())
        await self._changes.until(lambda: len(self.rtp()) > now + 1 or None, within=WITHIN_S)
        return self.rtp()[-1].source

    def rtp(self, after: int = 0) -> list[RtpPacket]:
        """The RTP packets beyond the first `after` packets of the list."""
        return [packet for packet in self.packets[after:] if not packet.is_rtcp]


class _RtcpPort(asyncio.DatagramProtocol):
    def __init__(self, owner: RtpSocket) -> None:
        self._owner = owner

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._owner.rtcp.append(RtpPacket(time.monotonic(), data))


def _port_pair() -> tuple[socket.socket, socket.socket]:
    while True:
        rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        rtcp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        rtp.bind((HOST, 0))
        port = rtp.getsockname()[1]
        try:
            if port % 2 == 0:
                rtcp.bind((HOST, port + 1))
                return rtp, rtcp
        except OSError:
            pass
        rtp.close()
        rtcp.close()


def digit_packets(event: int, *, duration: int = 800, volume: int = 10) -> Iterator[tuple[bool, bytes]]:
    """A correct RFC 4733 digit: (marker, payload) of its packets, the last three with the end bit."""
    for step in range(160, duration, 160):
        yield step == 160, struct.pack("!BBH", event, volume, step)
    for _ in range(3):
        yield False, struct.pack("!BBH", event, 0x80 | volume, duration)
