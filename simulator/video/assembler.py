"""RTP packets of video put together to encoded pictures (RFC 3550 §5.1: the marker ends a picture)."""

from __future__ import annotations

from dataclasses import dataclass

_PATIENCE = 16
"""Packets that may come before a missing one is given up."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One RTP packet, its payload without the codec's payload descriptor."""

    sequence: int
    timestamp: int
    marker: bool
    data: bytes


@dataclass(frozen=True, slots=True)
class Encoded:
    """One whole picture."""

    timestamp: int
    data: bytes


class Assembler:
    """`add` packets in any order; whole pictures come out in order. `lost` counts packets that never came.

    After a loss the picture it belonged to is left out, and `broken` is set until somebody clears it: what follows
    refers to pictures that are not there.
    """

    def __init__(self) -> None:
        self.lost = 0
        self.broken = False
        self._next: int | None = None
        self._waiting: dict[int, Packet] = {}
        self._parts: list[Packet] = []
        self._skipping: int | None = None
        """Timestamp of a picture that has lost a part."""

    def add(self, packet: Packet) -> list[Encoded]:
        """The pictures that this packet completes."""
        if self._next is None:
            self._next = packet.sequence
        if _behind(packet.sequence, self._next):
            return []
        self._waiting[packet.sequence] = packet
        whole = self._in_order()
        while len(self._waiting) > _PATIENCE:
            self._give_up()
            whole += self._in_order()
        return whole

    def _in_order(self) -> list[Encoded]:
        whole: list[Encoded] = []
        while self._next is not None and (packet := self._waiting.pop(self._next, None)) is not None:
            self._next = (self._next + 1) & 0xFFFF
            if (picture := self._append(packet)) is not None:
                whole.append(picture)
        return whole

    def _append(self, packet: Packet) -> Encoded | None:
        if packet.timestamp == self._skipping:
            return None
        self._skipping = None
        if self._parts and self._parts[0].timestamp != packet.timestamp:
            self._parts.clear()
        self._parts.append(packet)
        if not packet.marker:
            return None
        data = b"".join(part.data for part in self._parts)
        self._parts.clear()
        return Encoded(packet.timestamp, data)

    def _give_up(self) -> None:
        assert self._next is not None  # noqa: S101  # something waits
        first = min(self._waiting, key=lambda sequence: (sequence - (self._next or 0)) & 0xFFFF)
        self.lost += (first - self._next) & 0xFFFF
        self.broken = True
        self._skipping = self._parts[0].timestamp if self._parts else self._waiting[first].timestamp
        self._parts.clear()
        self._next = first


def _behind(sequence: int, expected: int) -> bool:
    return (sequence - expected) & 0x8000 != 0
