"""RTP over a test's own socket, and Opus packets from libopus."""

from __future__ import annotations

import asyncio
import ctypes
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.useragent.worker.opus.library import OpusLibrary

Samples = npt.NDArray[np.int16]


@dataclass(frozen=True)
class Packet:
    """One RTP packet (RFC 3550 §5.1)."""

    payload_type: int
    sequence: int
    timestamp: int
    payload: bytes
    marker: bool = False

    @classmethod
    def parse(cls, data: bytes) -> Packet:
        second, sequence, timestamp = struct.unpack("!xBHI4x", data[:12])
        return cls(second & 0x7F, sequence, timestamp, data[12:], bool(second & 0x80))

    def __bytes__(self) -> bytes:
        second = self.payload_type | (0x80 if self.marker else 0)
        return (
            struct.pack("!BBHII", 0x80, second, self.sequence & 0xFFFF, self.timestamp & 0xFFFFFFFF, 7) + self.payload
        )


class RtpEnd:
    """A UDP socket for RTP, whose port goes into an SDP."""

    def __init__(self) -> None:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.sock.setblocking(False)

    def __enter__(self) -> RtpEnd:
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    @property
    def port(self) -> int:
        return int(self.sock.getsockname()[1])

    async def send(self, packets: Iterator[Packet], to: str, every: float) -> None:
        """Send one packet every `every` seconds."""
        host, _, port = to.rpartition(":")
        loop = asyncio.get_running_loop()
        due = loop.time()
        for packet in packets:
            self.sock.sendto(bytes(packet), (host, int(port)))
            due += every
            await asyncio.sleep(max(0.0, due - loop.time()))

    async def receive(self, count: int, wanted: Callable[[Packet], bool] = lambda packet: True) -> list[Packet]:
        loop = asyncio.get_running_loop()
        packets: list[Packet] = []
        async with asyncio.timeout(4):
            while len(packets) < count:
                packet = Packet.parse(await loop.sock_recv(self.sock, 2048))
                if wanted(packet):
                    packets.append(packet)
        return packets


def opus_packets(samples: Samples, *, channels: int = 1, frame_ms: int = 20, rate: int = 48000) -> list[bytes]:
    """Encode mono samples with libopus; two channels get the same samples."""
    library = OpusLibrary()._library  # the simulator's own encoder has one channel
    library.opus_encoder_create.restype = ctypes.c_void_p
    encoder = ctypes.create_string_buffer(library.opus_encoder_get_size(channels))
    assert library.opus_encoder_init(encoder, rate, channels, 2049) == 0
    step, packets = rate * frame_ms // 1000, []
    for start in range(0, len(samples) - step + 1, step):
        frame = np.ascontiguousarray(np.repeat(samples[start : start + step], channels))
        packet = ctypes.create_string_buffer(4000)
        size = library.opus_encode(encoder, frame.ctypes.data, step, packet, len(packet))
        assert size > 0
        packets.append(packet.raw[:size])
    return packets
