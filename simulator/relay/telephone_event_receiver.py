"""A receiver of RFC 4733 telephone-events: reports each digit once, whatever the sender gets wrong.

All packets of one digit that share an RTP timestamp belong together (§2.5.1.2). To cope with real senders:

- A timestamp that changes while the digit lasts continues it, if the new packet is a segment (§2.5.1.3: it begins where
  the durations so far end) or if the duration grows as the timestamp does.
- A digit ends with its first end packet, with the first packet of another digit, or after `LOST_END` without packets.
- A packet for a digit that has ended is no new digit, be it late, repeated, or received after the next digit began.
- An end packet without others is a digit: all other packets were lost.

Nothing here waits: `at` is in seconds of any clock, and `TelephoneEventReceiver.deadline` tells when to call `tick`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Literal

from simulator.dtmf import TelephoneEvent
from simulator.relay.rtp import RtpPacket, serial_distance

LOST_END = 0.500
"""Seconds without a packet after which a digit has ended: all its end packets were lost."""
SHORTEST_PAUSE_MS = 25
"""Silence between two equal digits that cannot be the gap between two segments of one (Q.24 requires 40 ms)."""
_SETTLE_TIME = 0.100
"""Seconds after the last packet in which further end packets are counted."""
_REMEMBERED = 8
"""Settled digits whose late and repeated packets are recognised."""


@dataclass(frozen=True, slots=True)
class RtpDigit:
    """One digit as its packets describe it, so far or in full."""

    digit: str
    began: float
    """When its first packet arrived."""
    last: float
    """When its newest packet arrived."""
    timestamp: int
    """RTP timestamp of its newest segment."""
    earlier_units: int
    """Timestamp units from the first segment to the newest one."""
    segment_units: int
    """The longest duration in a packet of the newest segment."""
    packets: int
    end_packets: int
    volume: int
    """In dBm0 without sign, as in its first packet."""
    payload_type: int
    clock_rate: int
    marked: bool
    """Whether its first packet had the marker bit."""
    over: Literal["", "end", "next", "silence"] = ""
    """What ended it: an end packet, the next digit, or `LOST_END` without packets; empty while it lasts."""

    @property
    def units(self) -> int:
        """Duration in timestamp units; 0 when no packet had a duration."""
        return self.earlier_units + self.segment_units

    @property
    def duration_ms(self) -> int:
        """Duration according to its packets."""
        return round(self.units * 1000 / self.clock_rate)

    def with_packet(self, event: TelephoneEvent, at: float) -> RtpDigit:
        """The digit after one more packet."""
        return replace(
            self,
            last=at,
            segment_units=max(self.segment_units, event.duration),
            packets=self.packets + 1,
            end_packets=self.end_packets + event.end,
        )


@dataclass(frozen=True, slots=True)
class DigitUpdate:
    """What a packet or the clock changed. Every digit has one update of each kind, in the order of `what`.

    `settled` follows when no more packets of the digit are expected, so that its counts are final.
    """

    what: Literal["began", "ended", "settled"]
    digit: RtpDigit


class TelephoneEventReceiver:
    """Receives the telephone-events of one direction of one call."""

    def __init__(self) -> None:
        self._current: RtpDigit | None = None
        self._ended: deque[RtpDigit] = deque()
        """Digits that are not settled, oldest first."""
        self._settled: deque[tuple[int, str]] = deque(maxlen=_REMEMBERED)
        """Timestamp and digit."""

    @property
    def deadline(self) -> float | None:
        """When `tick` is due; None while it is not needed."""
        waits = [ended.last + _SETTLE_TIME for ended in self._ended]
        if self._current is not None:
            waits.append(self._current.last + LOST_END)
        return min(waits, default=None)

    def packet(self, packet: RtpPacket, clock_rate: int, at: float) -> list[DigitUpdate]:
        """Take in a telephone-event packet, whose clock is `clock_rate` Hz. Events other than digits are ignored."""
        event = TelephoneEvent.parse(packet.payload)
        if event is None:
            return []
        updates = self.tick(at)
        if self._belongs_to_ended(packet.timestamp, event, at):
            return updates
        if self._current is not None:
            continued = self._continued(self._current, packet, event)
            if continued is not None:
                self._current = continued.with_packet(event, at)
                return updates + self._end_if_last(event)
            if serial_distance(self._current.timestamp, packet.timestamp, bits=32) >= 0:
                updates += self._end("next")
        return updates + self._begin(_first_packet(packet, event, clock_rate, at), event)

    def tick(self, at: float) -> list[DigitUpdate]:
        """End and settle the digits without packets for long enough at the moment `at`."""
        updates: list[DigitUpdate] = []
        if self._current is not None and self._current.last + LOST_END <= at:
            updates += self._end("silence")
        while self._ended and self._ended[0].last + _SETTLE_TIME <= at:
            updates.append(self._settle())
        return updates

    def finish(self) -> list[DigitUpdate]:
        """End and settle all digits, because the call has ended."""
        updates = self._end("silence") if self._current is not None else []
        while self._ended:
            updates.append(self._settle())
        return updates

    def _begin(self, digit: RtpDigit, event: TelephoneEvent) -> list[DigitUpdate]:
        if self._current is not None:  # a late packet of a digit from before the current one
            late = replace(digit, over="next")
            self._ended.append(late)
            return [DigitUpdate("began", digit), DigitUpdate("ended", late)]
        self._current = digit
        return [DigitUpdate("began", digit), *self._end_if_last(event)]

    def _belongs_to_ended(self, timestamp: int, event: TelephoneEvent, at: float) -> bool:
        """Whether a packet belongs to a digit that has ended; it is counted until the digit is settled."""
        for index, ended in enumerate(self._ended):
            if (ended.timestamp, ended.digit) == (timestamp, event.digit):
                self._ended[index] = ended.with_packet(event, at)
                return True
        return (timestamp, event.digit) in self._settled

    def _continued(self, digit: RtpDigit, packet: RtpPacket, event: TelephoneEvent) -> RtpDigit | None:
        """The digit with the segment of this packet; None when the packet belongs to another digit."""
        if digit.digit != event.digit:
            return None
        step = serial_distance(digit.timestamp, packet.timestamp, bits=32)
        if step == 0:
            return digit
        if packet.marker or step < 0:
            return None
        tolerance = SHORTEST_PAUSE_MS * digit.clock_rate // 1000
        if event.duration > digit.segment_units and abs(event.duration - digit.segment_units - step) <= tolerance:
            return replace(digit, timestamp=packet.timestamp)
        if abs(step - digit.segment_units) <= tolerance:
            return replace(digit, timestamp=packet.timestamp, earlier_units=digit.earlier_units + step, segment_units=0)
        return None

    def _end_if_last(self, event: TelephoneEvent) -> list[DigitUpdate]:
        return self._end("end") if event.end else []

    def _end(self, why: Literal["end", "next", "silence"]) -> list[DigitUpdate]:
        assert self._current is not None  # noqa: S101  # callers have checked
        ended, self._current = replace(self._current, over=why), None
        self._ended.append(ended)
        return [DigitUpdate("ended", ended)]

    def _settle(self) -> DigitUpdate:
        digit = self._ended.popleft()
        self._settled.append((digit.timestamp, digit.digit))
        return DigitUpdate("settled", digit)


def _first_packet(packet: RtpPacket, event: TelephoneEvent, clock_rate: int, at: float) -> RtpDigit:
    """A digit of which this is the first packet."""
    return RtpDigit(
        digit=event.digit,
        began=at,
        last=at,
        timestamp=packet.timestamp,
        earlier_units=0,
        segment_units=event.duration,
        packets=1,
        end_packets=int(event.end),
        volume=event.volume,
        payload_type=packet.payload_type,
        clock_rate=clock_rate,
        marked=packet.marker,
    )
