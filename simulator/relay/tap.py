"""What one side of a call sends, as the relay sees it: its packets, its digits, and totals."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from simulator.dtmf import TelephoneEvent
from simulator.relay.jitter import Jitter
from simulator.relay.rtp import ExtendedSequence, RtpPacket
from simulator.relay.rtp_digit import RtpDigit
from simulator.relay.telephone_event_receiver import DigitUpdate, TelephoneEventReceiver
from simulator.sdp.formats import OPUS_CLOCK, TELEPHONE_EVENT, Format
from simulator.useragent.media_path import Role

_KEPT_PACKETS = 3000
"""A minute at 20 ms a packet."""
_KEPT_DIGITS = 1000
_MAX_TYPE_CHANGES = 50
"""Changes of the audio's payload type that are reported; a stream may alternate with comfort noise."""


class ObservedPacket(NamedTuple):
    """An RTP packet at the relay."""

    at: float
    """When it arrived, in `time.monotonic()` seconds."""
    sequence: int
    timestamp: int
    payload_type: int
    marker: bool
    size: int
    """Bytes of RTP payload."""
    event: TelephoneEvent | None
    """Its content if it is a telephone-event."""
    leaves: tuple[float, ...]
    """When it is sent on: never if the relay's faults lost it, twice if they duplicated it."""


@dataclass(frozen=True, slots=True)
class TapSummary:
    """Totals of one direction of a call."""

    sender: Role
    packets: int
    lost_before: int
    """Packets that did not reach the relay, by their sequence numbers."""
    dropped: int
    """Packets that the relay's faults lost."""
    codec: str
    """Codec of most packets that are no telephone-events; empty without any."""
    payload_type: int | None
    first_at: float | None
    last_at: float | None
    events: int
    """Telephone-event packets."""
    jitter_ms: float
    """The jitter of the audio as its receiver would report it (RFC 3550 §6.4.1)."""


class Tap:
    """Observes all packets of one sender, and receives its digits both before and after the relay's faults."""

    def __init__(self, sender: Role) -> None:
        self.sender = sender
        self.packets: deque[ObservedPacket] = deque(maxlen=_KEPT_PACKETS)
        """The newest 3,000."""
        self.sent: deque[RtpDigit] = deque(maxlen=_KEPT_DIGITS)
        """Digits that reached the relay, each once it is settled."""
        self.arriving = TelephoneEventReceiver()
        """Receives telephone-events as they reach the relay."""
        self.delivered = TelephoneEventReceiver()
        """Receives telephone-events as the relay sends them on."""
        self._receiver_formats: dict[int, Format] = {}
        self._sender_formats: dict[int, Format] = {}
        self._count = 0
        self._audio_type: int | None = None
        self._type_changes = 0
        self._dropped = 0
        self._events = 0
        self._count_by_type: dict[int, int] = {}
        self._runs: list[_SequenceRun] = []
        self._ssrc: int | None = None
        self._first_at: float | None = None
        self._last_at: float | None = None
        self._jitter = Jitter()

    def add_receiver_formats(self, formats: tuple[Format, ...]) -> None:
        """Take in the formats of the receiver's session description, which define the payload types.

        Formats of earlier descriptions stay known for payload types that are not in this one.
        """
        self._receiver_formats |= {each.payload_type: each for each in formats}

    def add_sender_formats(self, formats: tuple[Format, ...]) -> None:
        """Take in the formats of the sender's session description, for payload types that the receiver's lacks."""
        self._sender_formats |= {each.payload_type: each for each in formats}

    @property
    def formats(self) -> tuple[Format, ...]:
        """The formats of the receiver's session descriptions."""
        return tuple(self._receiver_formats.values())

    def format(self, payload_type: int) -> Format | None:
        """The most likely format of a payload type in this direction; None when it is unknown."""
        return self._receiver_formats.get(payload_type) or self._sender_formats.get(payload_type)

    def is_new_type(self, payload_type: int) -> bool:
        """Whether this is another payload type than that of the audio so far, or the first telephone-event."""
        if self.event_clock(payload_type) is not None:
            return payload_type not in self._count_by_type
        return payload_type != self._audio_type and self._type_changes < _MAX_TYPE_CHANGES

    def event_clock(self, payload_type: int) -> int | None:
        """Clock rate of telephone-events with this payload type; None unless the receiver declared it as such."""
        known = self._receiver_formats.get(payload_type)
        if known is None or known.name != TELEPHONE_EVENT:
            return None
        return OPUS_CLOCK if self.codec == "OPUS" else known.clock_rate  # baresip declares 8000 and counts at 48000

    def observe(self, packet: RtpPacket, at: float, leaves: tuple[float, ...]) -> list[DigitUpdate]:
        """Take in a packet that reached the relay. Returns what it means for the digits that this side sends."""
        clock = self.event_clock(packet.payload_type)
        event = TelephoneEvent.parse(packet.payload) if clock is not None else None
        self.packets.append(
            ObservedPacket(
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
        self._count_by_type[packet.payload_type] = self._count_by_type.get(packet.payload_type, 0) + 1
        if packet.ssrc != self._ssrc:
            self._ssrc = packet.ssrc
            self._runs.append(_SequenceRun())
        self._runs[-1].count(packet.sequence)
        self._first_at = at if self._first_at is None else self._first_at
        self._last_at = at
        self._dropped += not leaves
        if clock is None:
            self._type_changes += packet.payload_type != self._audio_type
            self._audio_type = packet.payload_type
            known = self.format(packet.payload_type)
            if leaves and known is not None and known.clock_rate:
                self._jitter.add(packet.ssrc, leaves[0], packet.timestamp, known.clock_rate)
            return []
        self._events += 1
        return self.arriving.packet(packet, clock, at)

    @property
    def codec(self) -> str | None:
        """Codec of the newest packet that is no telephone-event; None before the first."""
        for packet in reversed(self.packets):
            known = self.format(packet.payload_type)
            if known is None:
                return f"payload type {packet.payload_type}"
            if known.name != TELEPHONE_EVENT:
                return known.name
        return None

    def summary(self) -> TapSummary:
        """The totals so far."""
        audio_types = [number for number in self._count_by_type if self.event_clock(number) is None]
        most = max(audio_types, key=lambda number: self._count_by_type[number], default=None)
        known = self.format(most) if most is not None else None
        return TapSummary(
            sender=self.sender,
            packets=self._count,
            lost_before=sum(run.lost for run in self._runs),
            dropped=self._dropped,
            codec=known.name if known else "" if most is None else f"payload type {most}",
            payload_type=most,
            first_at=self._first_at,
            last_at=self._last_at,
            events=self._events,
            jitter_ms=round(self._jitter.seconds * 1000, 1),
        )


class _SequenceRun:
    """The sequence numbers of one SSRC."""

    def __init__(self) -> None:
        self._extended = ExtendedSequence()
        self._first: int | None = None
        self._received = 0
        self._recent: deque[int] = deque(maxlen=64)
        """To recognise duplicates."""

    def count(self, sequence: int) -> None:
        number = self._extended.extend(sequence)
        if number in self._recent:
            return
        self._recent.append(number)
        self._first = number if self._first is None else min(self._first, number)
        self._received += 1

    @property
    def lost(self) -> int:
        """Sequence numbers between the first and the last that were not received."""
        if self._first is None or self._extended.highest is None:
            return 0
        return self._extended.highest - self._first + 1 - self._received
