"""One digit of a telephone-event stream (RFC 4733), and which packets belong to it whatever its sender gets wrong.

Times are in seconds of any clock. A packet is *new* for a digit when its sequence number is after all of the digit's,
so that it was sent after them; any other one is late, duplicated, or part of a recording that is played again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from simulator.dtmf import TelephoneEvent
from simulator.relay.rtp import RtpPacket, serial_distance

FORGOTTEN_AFTER = 1.0
"""Seconds after its last packet in which late and duplicated packets of a digit come; what comes later is another."""
_REPLAYED_AFTER = 0.250
"""The same for a packet with the marker bit, which begins a digit (§2.5.1.2)."""
_SHORTEST_PAUSE_MS = 25
"""Silence between two equal digits that cannot be the gap between two segments of one (Q.24 requires 40 ms)."""
_Q24_PAUSE = 0.040
_END_PACKETS = 3
"""How often a sender sends the end packet (§2.5.1.4)."""
_DURATION_SPAN = 0x10000
_WRAP_STEP_MS = 250
"""The most that a duration grows from one packet to the next when it goes on from 65535 to 0."""


@dataclass(frozen=True, slots=True)
class RtpDigit:
    """One digit as its packets describe it, so far or in full."""

    digit: str
    began: float
    """When its first packet arrived."""
    last: float
    """When its newest packet arrived."""
    ssrc: int
    sequence: int
    """The highest RTP sequence number of its packets."""
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
    """What ended it: an end packet, the next digit, or half a second without packets; empty while it lasts."""

    @classmethod
    def of_first_packet(cls, packet: RtpPacket, event: TelephoneEvent, clock_rate: int, at: float) -> RtpDigit:
        """A digit of which this is the first packet."""
        return cls(
            digit=event.digit,
            began=at,
            last=at,
            ssrc=packet.ssrc,
            sequence=packet.sequence,
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

    @property
    def units(self) -> int:
        """Duration in timestamp units; 0 when no packet had a duration."""
        return self.earlier_units + self.segment_units

    @property
    def duration_ms(self) -> int:
        """Duration according to its packets."""
        return round(self.units * 1000 / self.clock_rate)

    def with_packet(self, packet: RtpPacket, event: TelephoneEvent, at: float) -> RtpDigit:
        """The digit after one more packet of its newest segment."""
        is_new = self.is_before(packet)
        wrapped = is_new and self._wraps(packet, event)
        return replace(
            self,
            last=at,
            sequence=packet.sequence if is_new else self.sequence,
            earlier_units=self.earlier_units + (_DURATION_SPAN if wrapped else 0),
            segment_units=event.duration if wrapped else max(self.segment_units, event.duration),
            packets=self.packets + 1,
            end_packets=self.end_packets + event.end,
        )

    # --- which packets belong to it --------------------------------------------------------------------------

    def is_before(self, packet: RtpPacket) -> bool:
        """Whether a packet of the same SSRC was sent after all packets of this digit."""
        return serial_distance(self.sequence, packet.sequence, bits=16) > 0

    def has(self, packet: RtpPacket, event: TelephoneEvent, at: float) -> bool:
        """Whether a packet belongs to the newest segment of this digit, which may have ended."""
        same = (self.ssrc, self.timestamp, self.digit) == (packet.ssrc, packet.timestamp, event.digit)
        return same and not self._is_repeated_by(packet, event, at)

    def continued(self, packet: RtpPacket, event: TelephoneEvent) -> RtpDigit | None:
        """The digit, which lasts, with the segment or stream of a packet; None when that is another digit's."""
        if self.digit != event.digit or packet.marker:
            return None
        if self.ssrc != packet.ssrc:
            moved = replace(self, ssrc=packet.ssrc, sequence=packet.sequence, timestamp=packet.timestamp)
            return moved if event.duration > self.segment_units else None
        step = serial_distance(self.timestamp, packet.timestamp, bits=32)
        if step <= 0:
            return None
        tolerance = self._units_of(_SHORTEST_PAUSE_MS)
        if event.duration > self.segment_units and abs(event.duration - self.segment_units - step) <= tolerance:
            return replace(self, timestamp=packet.timestamp)
        if abs(step - self.segment_units) <= tolerance:
            return replace(self, timestamp=packet.timestamp, earlier_units=self.earlier_units + step, segment_units=0)
        return None

    def _is_repeated_by(self, packet: RtpPacket, event: TelephoneEvent, at: float) -> bool:
        """Whether a packet with the timestamp of this digit is of a later one, whose sender repeats timestamps."""
        quiet = at - self.last
        is_new = self.is_before(packet)
        if event.end:
            return quiet > FORGOTTEN_AFTER and not (is_new and self.end_packets < _END_PACKETS)
        if not is_new:
            return quiet > (_REPLAYED_AFTER if packet.marker else FORGOTTEN_AFTER)
        if self.over == "end" and (packet.marker or self.segment_units == 0):
            return True
        begins_anew = event.duration < self.segment_units and not self._wraps(packet, event)
        return begins_anew and bool(packet.marker or self.over or quiet >= _Q24_PAUSE)

    def _wraps(self, packet: RtpPacket, event: TelephoneEvent) -> bool:
        """Whether the duration in a new packet has gone on from 65535 to 0, instead of in another segment."""
        step = event.duration + _DURATION_SPAN - self.segment_units
        return not packet.marker and event.duration < self.segment_units and step <= self._units_of(_WRAP_STEP_MS)

    def _units_of(self, milliseconds: int) -> int:
        return milliseconds * self.clock_rate // 1000
