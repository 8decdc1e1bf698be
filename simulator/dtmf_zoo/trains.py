"""Telephone-event packets as data: what a sender puts on the wire for one or more keys, good or bad."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import count

from simulator.dtmf import DIGITS, KeyPress


@dataclass(frozen=True, slots=True)
class EventPacket:
    """One packet of a train. Times and timestamps count from the train's beginning."""

    at_ms: float
    event: int
    """Event code (RFC 4733 §3.2): 0-9, 10 `*`, 11 `#`, 12-15 A-D."""
    timestamp: int
    """Units of the declared clock, 8000 Hz unless the sender gets that wrong."""
    duration: int
    end: bool = False
    marker: bool = False
    volume: int = 10
    reserved: bool = False
    """The R bit, which receivers ignore."""
    trailing: bytes = b""
    """What follows the four bytes of the event."""
    undeclared: bool = False
    """Whether it has a payload type that nobody spoke of."""

    @property
    def payload(self) -> bytes:
        """Of the RTP packet."""
        flags = (0x80 if self.end else 0) | (0x40 if self.reserved else 0) | (self.volume & 0x3F)
        return bytes((self.event, flags)) + (self.duration & 0xFFFF).to_bytes(2, "big") + self.trailing


Train = tuple[EventPacket, ...]
"""In the order of sending."""


def press(digit: str, duration_ms: int = 100, *, at_ms: int = 0, ends: int = 3) -> Train:
    """A key as RFC 4733 wants it: first packet marked, an update each 20 ms, the end three times."""
    packets = [
        EventPacket(
            at_ms=packet.at_ms,
            event=DIGITS.index(digit),
            timestamp=packet.timestamp_offset,
            duration=packet.event.duration,
            end=packet.event.end,
            marker=packet.marker,
        )
        for packet in KeyPress(digit, duration_ms).packets(starts_ms=at_ms)
    ]
    updates, last = [packet for packet in packets if not packet.end], next(packet for packet in packets if packet.end)
    return (*updates, *(replace(last, at_ms=last.at_ms + 20 * repeat) for repeat in range(ends)))


def each(train: Iterable[EventPacket], **changes: object) -> Train:
    """All packets with some fields changed."""
    return tuple(replace(packet, **changes) for packet in train)  # type: ignore[arg-type]  # names of its fields


def moved(train: Iterable[EventPacket], *, restart: bool) -> Train:
    """Each packet has the timestamp of its own moment; the duration goes on growing, or restarts with each."""
    packets = tuple(train)
    length = max(packet.duration for packet in packets)
    result = []
    for packet, number in zip(packets, count(), strict=False):
        late = min(160 * number, length - 160)
        result.append(replace(packet, timestamp=packet.timestamp + late, duration=160 if restart else packet.duration))
    return tuple(result)


def scaled(train: Iterable[EventPacket], factor: float) -> Train:
    """A sender that counts with another clock."""
    return tuple(
        replace(packet, timestamp=int(packet.timestamp * factor), duration=int(packet.duration * factor))
        for packet in train
    )


def in_order_of_time(*trains: Train) -> Train:
    """Several trains on one line."""
    return tuple(sorted((packet for train in trains for packet in train), key=lambda packet: packet.at_ms))
