"""Assembles RTP packets to encoded pictures: the marker bit ends a picture (RFC 6184 §5.1, RFC 7741 §4.1)."""

from __future__ import annotations

from dataclasses import dataclass

_REORDERING_WINDOW = 16
"""Number of packets that may overtake a missing one before it counts as lost."""


@dataclass(frozen=True, slots=True)
class VideoPacket:
    """An RTP packet, with the payload but without the codec's payload descriptor."""

    sequence: int
    timestamp: int
    marker: bool
    data: bytes


@dataclass(frozen=True, slots=True)
class EncodedPicture:
    """The encoded data of one complete picture."""

    timestamp: int
    data: bytes


class PictureAssembler:
    """Takes packets in any order and returns whole pictures in order.

    A picture that has lost a packet is dropped. `reference_lost` is then set until the caller clears it, because later
    pictures refer to the dropped one.
    """

    def __init__(self) -> None:
        self.lost = 0
        """Number of lost packets."""
        self.reference_lost = False
        self._next: int | None = None
        """Sequence number of the next packet in order."""
        self._out_of_order: dict[int, VideoPacket] = {}
        self._parts: list[VideoPacket] = []
        self._incomplete: int | None = None
        """Timestamp of the picture that has lost a packet; its other packets are dropped."""

    def add(self, packet: VideoPacket) -> list[EncodedPicture]:
        """Add a packet; return the pictures that are now complete."""
        if self._next is None:
            self._next = packet.sequence
        if _is_behind(packet.sequence, self._next):
            return []
        self._out_of_order[packet.sequence] = packet
        pictures = self._take_in_order()
        while len(self._out_of_order) > _REORDERING_WINDOW:
            self._skip_missing()
            pictures += self._take_in_order()
        return pictures

    def _take_in_order(self) -> list[EncodedPicture]:
        pictures: list[EncodedPicture] = []
        while self._next is not None and (packet := self._out_of_order.pop(self._next, None)) is not None:
            self._next = (self._next + 1) & 0xFFFF
            if (picture := self._append(packet)) is not None:
                pictures.append(picture)
        return pictures

    def _append(self, packet: VideoPacket) -> EncodedPicture | None:
        if packet.timestamp == self._incomplete:
            return None
        self._incomplete = None
        if self._parts and self._parts[0].timestamp != packet.timestamp:
            self._parts.clear()
        self._parts.append(packet)
        if not packet.marker:
            return None
        data = b"".join(part.data for part in self._parts)
        self._parts.clear()
        return EncodedPicture(packet.timestamp, data)

    def _skip_missing(self) -> None:
        assert self._next is not None  # noqa: S101  # there are packets out of order
        first = min(self._out_of_order, key=lambda sequence: (sequence - (self._next or 0)) & 0xFFFF)
        self.lost += (first - self._next) & 0xFFFF
        self.reference_lost = True
        self._incomplete = self._parts[0].timestamp if self._parts else self._out_of_order[first].timestamp
        self._parts.clear()
        self._next = first


def _is_behind(sequence: int, expected: int) -> bool:
    return (sequence - expected) & 0x8000 != 0
