"""Captures in the pcapng format (draft-ietf-opsawg-pcapng), written without any right to capture.

What was sent or received is wrapped in IP and UDP or TCP headers of our own, so that Wireshark reads the file like one
of its own. Only what that takes is here: a section, one interface of raw IP packets, packets with nanosecond times and
an optional comment.
"""

from __future__ import annotations

import socket
import struct
from typing import BinaryIO

Address = tuple[str, int]
"""IPv4 host and port."""

_SECTION, _INTERFACE, _PACKET = 0x0A0D0D0A, 1, 6
_RAW_IP = 101
_COMMENT, _NAME, _RESOLUTION, _APPLICATION = 1, 2, 9, 4
_UDP, _TCP = 17, 6
_LARGEST_SEGMENT = 65_000


class PcapngWriter:
    """Begins a section in an open binary file and writes packets to it, in the order that they are given."""

    def __init__(self, file: BinaryIO, *, application: str, interface: str, comment: str = "") -> None:
        self._file = file
        self._sent: dict[tuple[Address, Address], int] = {}
        section = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)
        about = [(_APPLICATION, application.encode())] + ([(_COMMENT, comment.encode())] if comment else [])
        self._block(_SECTION, section + _options(*about))
        described = struct.pack("<HHI", _RAW_IP, 0, 0)
        self._block(_INTERFACE, described + _options((_NAME, interface.encode()), (_RESOLUTION, b"\x09")))

    def udp(self, at: float, source: Address, target: Address, payload: bytes, *, comment: str = "") -> None:
        """A datagram. `at` is seconds since 1970."""
        header = struct.pack("!HHHH", source[1], target[1], 8 + len(payload), 0)
        segment = header[:6] + _checksum(_pseudo(source, target, _UDP, header + payload)) + payload
        self._packet(at, _ip(source, target, _UDP, segment), comment)

    def tcp(self, at: float, source: Address, target: Address, payload: bytes, *, comment: str = "") -> None:
        """A message on a connection whose beginning is not in the file."""
        for start in range(0, len(payload), _LARGEST_SEGMENT):
            part = payload[start : start + _LARGEST_SEGMENT]
            sent = self._sent.get((source, target), 1)
            received = self._sent.get((target, source), 1)
            self._sent[source, target] = sent + len(part)
            header = struct.pack("!HHIIBBHHH", source[1], target[1], sent, received, 0x50, 0x18, 0xFFFF, 0, 0)
            check = _checksum(_pseudo(source, target, _TCP, header + part))
            self._packet(at, _ip(source, target, _TCP, header[:16] + check + header[18:] + part), comment)

    def _packet(self, at: float, packet: bytes, comment: str) -> None:
        nanoseconds = int(at * 1_000_000) * 1000
        head = struct.pack("<IIIII", 0, nanoseconds >> 32, nanoseconds & 0xFFFFFFFF, len(packet), len(packet))
        options = _options((_COMMENT, comment.encode())) if comment else b""
        self._block(_PACKET, head + _padded(packet) + options)

    def _block(self, kind: int, body: bytes) -> None:
        length = 12 + len(body)
        self._file.write(struct.pack("<II", kind, length) + body + struct.pack("<I", length))


def _options(*options: tuple[int, bytes]) -> bytes:
    coded = b"".join(struct.pack("<HH", code, len(value)) + _padded(value) for code, value in options)
    return coded + bytes(4)


def _padded(value: bytes) -> bytes:
    return value + bytes(-len(value) % 4)


def _ip(source: Address, target: Address, protocol: int, segment: bytes) -> bytes:
    ends = socket.inet_aton(source[0]) + socket.inet_aton(target[0])
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(segment), 0, 0x4000, 64, protocol, 0) + ends
    return header[:10] + _checksum(header) + header[12:] + segment


def _pseudo(source: Address, target: Address, protocol: int, segment: bytes) -> bytes:
    ends = socket.inet_aton(source[0]) + socket.inet_aton(target[0])
    return ends + struct.pack("!BBH", 0, protocol, len(segment)) + segment


def _checksum(data: bytes) -> bytes:
    """RFC 1071. A sum of 0 is written as 0xFFFF, as UDP wants it; both mean the same."""
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack("!H", (~total & 0xFFFF) or 0xFFFF)
