"""RTP packets as values (RFC 3550 §5.1), and sequence numbers without wraparound."""

from __future__ import annotations

import struct
from dataclasses import dataclass

_FIXED = struct.Struct("!BBHII")
HEADER_BYTES = _FIXED.size


@dataclass(frozen=True, slots=True)
class RtpPacket:
    """One RTP packet. `timestamp` counts units of the payload type's clock, modulo 2³²."""

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False

    @classmethod
    def parse(cls, data: bytes) -> RtpPacket | None:
        """None for another version than 2, too few bytes, or inconsistent lengths inside."""
        if len(data) < HEADER_BYTES or data[0] >> 6 != 2:
            return None
        first, second, sequence, timestamp, ssrc = _FIXED.unpack_from(data)
        start = HEADER_BYTES + 4 * (first & 0x0F)
        if first & 0x10:
            if len(data) < start + 4:
                return None
            start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
        end = len(data) - (data[-1] if first & 0x20 else 0)
        if not start <= end:
            return None
        return cls(second & 0x7F, sequence, timestamp, ssrc, data[start:end], bool(second & 0x80))

    def __bytes__(self) -> bytes:
        second = (0x80 if self.marker else 0) | self.payload_type
        return _FIXED.pack(0x80, second, self.sequence & 0xFFFF, self.timestamp & 0xFFFFFFFF, self.ssrc) + self.payload


def has_rtcp_type(data: bytes) -> bool:
    """Whether a packet has the version and a packet type of RTCP, which tell it from RTP on one port (RFC 5761 §4).

    The range also has RTP's payload types 64 to 95 with the marker bit.
    """
    return len(data) >= 4 and data[0] >> 6 == 2 and 192 <= data[1] <= 223


def serial_distance(earlier: int, later: int, *, bits: int) -> int:
    """How far `later` is ahead of `earlier` in a counter of `bits` bits (RFC 1982); negative when it is behind."""
    span = 1 << bits
    ahead = (later - earlier) % span
    return ahead - span if ahead >= span // 2 else ahead


class ExtendedSequence:
    """Extends 16-bit sequence numbers so that they go on after a wraparound (RFC 3550 appendix A.1)."""

    def __init__(self) -> None:
        self.highest: int | None = None
        """The highest extended number so far."""

    def extend(self, sequence: int) -> int:
        """The extended number of a packet; the first packet keeps its own."""
        if self.highest is None:
            self.highest = sequence
            return sequence
        extended = self.highest + serial_distance(self.highest & 0xFFFF, sequence, bits=16)
        self.highest = max(self.highest, extended)
        return extended
