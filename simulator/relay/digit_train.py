"""The telephone-event packets of one digit (RFC 4733 §2.5.1), each of which takes the place of an audio packet.

The audio goes on being timed by its sender: an event packet has the sequence number of the packet that it replaces, the
digit begins at the timestamp of the first one, and its duration so far is what the audio's timestamps have advanced
since. So the stream keeps its sampling clock (RFC 3550 §5.1) during the digit and after it.
"""

from __future__ import annotations

from dataclasses import replace

from simulator.dtmf import TelephoneEvent
from simulator.relay.rtp import RtpPacket, serial_distance

LONGEST_SEGMENT = 0xFFFF
"""Timestamp units that the duration field can express; a longer digit is sent in segments (§2.5.1.3)."""
_FINAL_PACKETS = 3
"""How often the last packet of a digit or segment is sent (§2.5.1.4)."""


class DigitTrain:
    """The packets of a digit of `units` timestamp units, one `instead_of` each audio packet until `finished`."""

    def __init__(self, digit: str, units: int, payload_type: int) -> None:
        self.finished = False
        self._digit = digit
        self._units = units
        self._payload_type = payload_type
        self._ssrc = 0
        self._segment_start: int | None = None
        """RTP timestamp; None before the first packet."""
        self._earlier_units = 0
        """Duration of the segments before this one."""
        self._final: TelephoneEvent | None = None
        """The last packet of this segment, once it is reached."""
        self._finals_sent = 0
        self._elapsed = 0

    @property
    def begun(self) -> bool:
        """Whether a packet of the digit was sent."""
        return self._segment_start is not None

    @property
    def ended(self) -> bool:
        """Whether the end of the digit was sent; two repetitions of the packet may follow."""
        return self._final is not None and self._final.end and self._finals_sent > 0

    def instead_of(self, audio: RtpPacket, step: int) -> RtpPacket:
        """The packet that takes the place of an audio packet, which is `step` timestamp units long."""
        is_first = self._segment_start is None
        start = self._segment_begins_at(audio)
        self._elapsed = serial_distance(start, audio.timestamp, bits=32) + step
        event = self._final or self._event_after(self._elapsed)
        sent = replace(audio, payload_type=self._payload_type, timestamp=start, payload=bytes(event), marker=is_first)
        if event is self._final:
            self._final_sent(event)
        return sent

    def _segment_begins_at(self, audio: RtpPacket) -> int:
        """The timestamp of the segment. With another SSRC the audio's timestamps have begun anew; the digit goes on."""
        if self._segment_start is None:
            self._segment_start = audio.timestamp
        elif audio.ssrc != self._ssrc:
            self._segment_start = (audio.timestamp - self._elapsed) & 0xFFFFFFFF
        self._ssrc = audio.ssrc
        return self._segment_start

    def _event_after(self, elapsed: int) -> TelephoneEvent:
        remaining = self._units - self._earlier_units
        longest = min(remaining, LONGEST_SEGMENT)
        if elapsed < longest:
            return TelephoneEvent(self._digit, end=False, duration=elapsed)
        self._final = TelephoneEvent(self._digit, end=longest == remaining, duration=longest)
        return self._final

    def _final_sent(self, final: TelephoneEvent) -> None:
        self._finals_sent += 1
        if self._finals_sent < _FINAL_PACKETS:
            return
        if final.end:
            self.finished = True
            return
        assert self._segment_start is not None  # noqa: S101  # it has packets
        self._earlier_units += final.duration
        self._segment_start = (self._segment_start + final.duration) & 0xFFFFFFFF
        self._final, self._finals_sent = None, 0
        self._elapsed -= final.duration
