"""Writes given payloads to pcapng files (draft-ietf-opsawg-pcapng); no privilege to capture packets is needed.

Each payload gets generated IP and UDP or TCP headers, so that Wireshark can read the file. The implemented part of the
format is a section with an optional comment, an interface of raw IP packets, and packets with nanosecond timestamps
and comments.
"""

from __future__ import annotations

import socket
import struct
from typing import BinaryIO

Address = tuple[str, int]
"""IPv4 address and port."""

_SECTION, _INTERFACE, _PACKET = 0x0A0D0D0A, 1, 6
_RAW_IP = 101
_COMMENT, _NAME, _RESOLUTION, _APPLICATION = 1, 2, 9, 4
_UDP, _TCP = 17, 6
_LONGEST_COMMENT = 60_000
"""Of a packet, in bytes; an option has at most 65,535."""
_LARGEST_SEGMENT = 65_000
"""Longest TCP payload in bytes; an IP packet has at most 65,535."""


class PcapngWriter:
    """Starts a section in an open binary file, and appends packets to it in the order of the calls."""

    def __init__(self, file: BinaryIO, *, application: str, interface: str, comment: str = "") -> None:
        self._file = file
        self._bytes_sent: dict[tuple[Address, Address], int] = {}
        section = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)
        about = [(_APPLICATION, application.encode())] + ([(_COMMENT, comment.encode())] if comment else [])
        self._block(_SECTION, section + _options(*about))
        described = struct.pack("<HHI", _RAW_IP, 0, 0)
        self._block(_INTERFACE, described + _options((_NAME, interface.encode()), (_RESOLUTION, b"\x09")))

    def udp(self, at: float, source: Address, target: Address, payload: bytes, *, comment: str = "") -> None:
        """Write a UDP datagram. `at` is in seconds since 1970. Of a long `comment` the beginning is written."""
        header = struct.pack("!HHHH", source[1], target[1], 8 + len(payload), 0)
        segment = header[:6] + _checksum(_with_pseudo_header(source, target, _UDP, header + payload)) + payload
        self._packet(at, _ip_packet(source, target, _UDP, segment), comment)

    def tcp(self, at: float, source: Address, target: Address, payload: bytes, *, comment: str = "") -> None:
        """Write data of a TCP connection, whose handshake is not in the file. Times and comments as of `udp`."""
        for start in range(0, len(payload), _LARGEST_SEGMENT):
            part = payload[start : start + _LARGEST_SEGMENT]
            sent = self._bytes_sent.get((source, target), 1)
            received = self._bytes_sent.get((target, source), 1)
            self._bytes_sent[source, target] = sent + len(part)
            header = struct.pack("!HHIIBBHHH", source[1], target[1], sent, received, 0x50, 0x18, 0xFFFF, 0, 0)
            check = _checksum(_with_pseudo_header(source, target, _TCP, header + part))
            self._packet(at, _ip_packet(source, target, _TCP, header[:16] + check + header[18:] + part), comment)

    def _packet(self, at: float, packet: bytes, comment: str) -> None:
        nanoseconds = int(at * 1_000_000) * 1000
        head = struct.pack("<IIIII", 0, nanoseconds >> 32, nanoseconds & 0xFFFFFFFF, len(packet), len(packet))
        about = _options((_COMMENT, comment.encode()[:_LONGEST_COMMENT])) if comment else b""
        self._block(_PACKET, head + _padded(packet) + about)

    def _block(self, kind: int, body: bytes) -> None:
        length = 12 + len(body)
        self._file.write(struct.pack("<II", kind, length) + body + struct.pack("<I", length))


def _options(*options: tuple[int, bytes]) -> bytes:
    coded = b"".join(struct.pack("<HH", code, len(value)) + _padded(value) for code, value in options)
    return coded + bytes(4)


def _padded(value: bytes) -> bytes:
    return value + bytes(-len(value) % 4)


def _ip_packet(source: Address, target: Address, protocol: int, segment: bytes) -> bytes:
    ends = socket.inet_aton(source[0]) + socket.inet_aton(target[0])
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(segment), 0, 0x4000, 64, protocol, 0) + ends
    return header[:10] + _checksum(header) + header[12:] + segment


def _with_pseudo_header(source: Address, target: Address, protocol: int, segment: bytes) -> bytes:
    """The bytes that the checksum of UDP and TCP covers (RFC 768, RFC 9293 §3.1)."""
    ends = socket.inet_aton(source[0]) + socket.inet_aton(target[0])
    return ends + struct.pack("!BBH", 0, protocol, len(segment)) + segment


def _checksum(data: bytes) -> bytes:
    """The Internet checksum (RFC 1071). A sum of 0 is written as 0xFFFF, as UDP requires; both are equivalent."""
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack("!H", (~total & 0xFFFF) or 0xFFFF)
