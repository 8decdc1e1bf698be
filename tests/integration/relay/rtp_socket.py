"""The RTP socket of a foreign peer."""

from __future__ import annotations

import asyncio
import socket

from simulator.relay import RtpPacket


class RtpSocket:
    """A UDP socket on a free port that sends and receives RTP packets; by default it sends PCMU silence."""

    def __init__(self) -> None:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.sock.setblocking(False)
        self.port: int = self.sock.getsockname()[1]
        self.sequence = 100
        self.sources: set[int] = set()
        """Source ports of the received packets."""

    def __enter__(self) -> RtpSocket:
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    @property
    def sdp(self) -> str:
        return (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {self.port} RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
        )

    def send(self, port: int, payload: bytes = b"\xff" * 160, *, payload_type: int = 0, timestamp: int = 0) -> None:
        self.sequence += 1
        packet = RtpPacket(payload_type, self.sequence, timestamp or self.sequence * 160, 7, payload)
        self.sock.sendto(bytes(packet), ("127.0.0.1", port))

    async def receive(self, within: float = 3) -> RtpPacket:
        async with asyncio.timeout(within):
            data, source = await asyncio.get_running_loop().sock_recvfrom(self.sock, 2048)
        self.sources.add(source[1])
        packet = RtpPacket.parse(data)
        assert packet is not None
        return packet
