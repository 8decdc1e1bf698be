"""Telephone-event packets as data: the packet train of a digit by RFC 4733, and functions that distort a train."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from simulator.dtmf import DIGITS

CLOCK_RATE = 8000
"""RTP clock rate of all timestamps and durations here, in Hz."""
PACKET_MS = 20
_UNITS_PER_PACKET = CLOCK_RATE * PACKET_MS // 1000
_LONGEST_DURATION = 0xFFFF
"""Maximum of the duration field, which has 16 bits (RFC 4733 §2.3)."""


@dataclass(frozen=True, slots=True)
class EventPacket:
    """One telephone-event packet. `at_ms` and `timestamp` count from the beginning of its train."""

    at_ms: float
    """When to send the packet."""
    event: int
    """Event code (RFC 4733 §3.2): 0-9, 10 `*`, 11 `#`, 12-15 A-D."""
    timestamp: int
    """RTP timestamp, in units of 1/8000 s unless the sender has a wrong clock."""
    duration: int
    """Duration of the digit so far, in the same units."""
    end: bool = False
    """The E bit."""
    marker: bool = False
    """The marker bit of the RTP header."""
    volume: int = 10
    """Power in -dBm0, 0 (loud) to 63."""
    reserved: bool = False
    """The R bit, which receivers ignore (RFC 4733 §2.3.3)."""
    trailing: bytes = b""
    """Bytes after the four bytes of the event."""
    undeclared: bool = False
    """Whether the packet's payload type is not declared in the session description."""

    @property
    def payload(self) -> bytes:
        """The payload of the RTP packet."""
        flags = (0x80 if self.end else 0) | (0x40 if self.reserved else 0) | (self.volume & 0x3F)
        return bytes((self.event, flags)) + (self.duration & 0xFFFF).to_bytes(2, "big") + self.trailing


PacketTrain = tuple[EventPacket, ...]
"""The packets of one or more digits, in the order in which they are sent."""


def digit_packets(digit: str, duration_ms: int = 100, *, at_ms: int = 0, ends: int = 3) -> PacketTrain:
    """The packets of one digit that begins at `at_ms` (RFC 4733 §2.5.1): one every 20 ms, the first with marker bit.

    The end packet is sent `ends` times, three times in the RFC.
    """
    timestamp = at_ms * CLOCK_RATE // 1000

    def packet(elapsed_ms: int, *, end: bool, repeat: int = 0) -> EventPacket:
        return EventPacket(
            at_ms=at_ms + elapsed_ms + repeat * PACKET_MS,
            event=DIGITS.index(digit),
            timestamp=timestamp,
            duration=min(elapsed_ms * CLOCK_RATE // 1000, _LONGEST_DURATION),
            end=end,
            marker=repeat == 0 and elapsed_ms == first_ms,
        )

    first_ms = min(PACKET_MS, duration_ms)
    updates = (packet(elapsed_ms, end=False) for elapsed_ms in range(PACKET_MS, duration_ms, PACKET_MS))
    return (*updates, *(packet(duration_ms, end=True, repeat=repeat) for repeat in range(ends)))


def with_fields(train: Iterable[EventPacket], **changes: object) -> PacketTrain:
    """Replace the given fields in every packet."""
    return tuple(replace(packet, **changes) for packet in train)  # type: ignore[arg-type]  # names of its fields


def with_moving_timestamps(train: Iterable[EventPacket], *, restart_durations: bool) -> PacketTrain:
    """Give each packet a new timestamp; the duration keeps growing, or with `restart_durations` is always 20 ms."""
    packets = tuple(train)
    last = max(packet.duration for packet in packets) - _UNITS_PER_PACKET
    return tuple(
        replace(
            packet,
            timestamp=packet.timestamp + min(_UNITS_PER_PACKET * number, last),
            duration=_UNITS_PER_PACKET if restart_durations else packet.duration,
        )
        for number, packet in enumerate(packets)
    )


def with_clock(train: Iterable[EventPacket], factor: float) -> PacketTrain:
    """Scale timestamps and durations, as sent with a clock rate `factor` times the declared one."""
    return tuple(
        replace(packet, timestamp=int(packet.timestamp * factor), duration=int(packet.duration * factor))
        for packet in train
    )


def interleaved(*trains: PacketTrain) -> PacketTrain:
    """Merge trains, ordered by the time of sending."""
    return tuple(sorted((packet for train in trains for packet in train), key=lambda packet: packet.at_ms))
