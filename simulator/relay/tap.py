"""What one side of a call sends, packet by packet and in sum, as the relay sees it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from simulator.dtmf import TelephoneEvent
from simulator.relay.digits import Change, Press, Receiver
from simulator.relay.rtp import Extended, RtpPacket
from simulator.useragent.codecs import TELEPHONE_EVENT
from simulator.useragent.media_path import Role
from simulator.useragent.sdp import OPUS_CLOCK, Format

_KEPT_PACKETS = 3000
"""Of each direction: a minute of 20 ms packets."""
_KEPT_PRESSES = 1000
_MOST_CHANGES = 50
"""Changes of the voice's payload type that are news; a stream may alternate with comfort noise."""


class Seen(NamedTuple):
    """A packet at the relay. `at` is `time.monotonic()`; `leaves` are the moments when it goes out, none if lost."""

    at: float
    sequence: int
    timestamp: int
    payload_type: int
    marker: bool
    size: int
    """Bytes of RTP payload."""
    event: TelephoneEvent | None
    leaves: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """One direction of a call in numbers."""

    sender: Role
    packets: int
    lost_before: int
    """Sequence numbers that never came to the relay."""
    dropped: int
    """Packets that the relay's faults lost."""
    codec: str
    """Of the payload type of most packets but telephone-events; empty without any."""
    payload_type: int | None
    first_at: float | None
    last_at: float | None
    events: int
    """Packets that were telephone-events."""


class Tap:
    """All of one sender: packets (the latest), sums, and key presses before and after the relay's faults."""

    def __init__(self, sender: Role) -> None:
        self.sender = sender
        self.packets: deque[Seen] = deque(maxlen=_KEPT_PACKETS)
        self.sent: deque[Press] = deque(maxlen=_KEPT_PRESSES)
        """Presses that came to the relay, each once it is settled."""
        self.delivered = Receiver()
        """What got through."""
        self.arriving = Receiver()
        """What came in."""
        self._declared: dict[int, Format] = {}
        self._own: dict[int, Format] = {}
        self._count = 0
        self._voice_type: int | None = None
        self._changes = 0
        self._dropped = 0
        self._events = 0
        self._by_type: dict[int, int] = {}
        self._runs: list[_Run] = []
        self._ssrc: int | None = None
        self._first_at: float | None = None
        self._last_at: float | None = None

    def declare(self, formats: tuple[Format, ...]) -> None:
        """What the receiver wants, which says what payload types mean; earlier meanings stay where it is silent."""
        self._declared |= {each.payload_type: each for each in formats}

    def declare_own(self, formats: tuple[Format, ...]) -> None:
        """What the sender itself would take: names for payload types that the receiver did not declare."""
        self._own |= {each.payload_type: each for each in formats}

    @property
    def formats(self) -> tuple[Format, ...]:
        """What the receiver wants."""
        return tuple(self._declared.values())

    def format(self, payload_type: int) -> Format | None:
        """What a payload type most likely means in this direction."""
        return self._declared.get(payload_type) or self._own.get(payload_type)

    def is_news(self, payload_type: int) -> bool:
        """Whether this type is another than that of the voice so far, or the first telephone-event."""
        if self.event_clock(payload_type) is not None:
            return payload_type not in self._by_type
        return payload_type != self._voice_type and self._changes < _MOST_CHANGES

    def event_clock(self, payload_type: int) -> int | None:
        """The clock of telephone-events with this payload type; None unless the receiver declared it as such."""
        known = self._declared.get(payload_type)
        if known is None or known.name != TELEPHONE_EVENT:
            return None
        return OPUS_CLOCK if self.codec == "OPUS" else known.clock_rate  # baresip declares 8000, and counts at 48000

    def saw(self, packet: RtpPacket, at: float, leaves: tuple[float, ...]) -> list[Change]:
        """Take note of a packet that came in; returns what it means for the keys that this side presses."""
        clock = self.event_clock(packet.payload_type)
        event = TelephoneEvent.parse(packet.payload) if clock is not None else None
        self.packets.append(
            Seen(
                at,
                packet.sequence,
                packet.timestamp,
                packet.payload_type,
                packet.marker,
                len(packet.payload),
                event,
                leaves,
            )
        )
        self._count += 1
        self._by_type[packet.payload_type] = self._by_type.get(packet.payload_type, 0) + 1
        if packet.ssrc != self._ssrc:
            self._ssrc = packet.ssrc
            self._runs.append(_Run())
        self._runs[-1].took(packet.sequence)
        self._first_at = at if self._first_at is None else self._first_at
        self._last_at = at
        self._dropped += not leaves
        if clock is None:
            self._changes += packet.payload_type != self._voice_type
            self._voice_type = packet.payload_type
            return []
        self._events += 1
        return self.arriving.packet(packet, clock, at)

    @property
    def codec(self) -> str | None:
        """Of the newest packet that was no telephone-event; None before the first."""
        for seen in reversed(self.packets):
            meaning = self.format(seen.payload_type)
            if meaning is None:
                return f"payload type {seen.payload_type}"
            if meaning.name != TELEPHONE_EVENT:
                return meaning.name
        return None

    def summary(self) -> Summary:
        """Everything so far."""
        voice = [number for number in self._by_type if self.event_clock(number) is None]
        most = max(voice, key=lambda number: self._by_type[number], default=None)
        known = self.format(most) if most is not None else None
        return Summary(
            sender=self.sender,
            packets=self._count,
            lost_before=sum(run.lost for run in self._runs),
            dropped=self._dropped,
            codec=known.name if known else "" if most is None else f"payload type {most}",
            payload_type=most,
            first_at=self._first_at,
            last_at=self._last_at,
            events=self._events,
        )


class _Run:
    """Sequence numbers of one SSRC."""

    def __init__(self) -> None:
        self._numbers = Extended()
        self._first: int | None = None
        self._came = 0
        self._seen: deque[int] = deque(maxlen=64)

    def took(self, sequence: int) -> None:
        number = self._numbers.number(sequence)
        if number in self._seen:
            return
        self._seen.append(number)
        self._first = number if self._first is None else min(self._first, number)
        self._came += 1

    @property
    def lost(self) -> int:
        """Numbers in its span that never came."""
        if self._first is None or self._numbers.highest is None:
            return 0
        return self._numbers.highest - self._first + 1 - self._came
