"""A receiver of RFC 4733 telephone-events: one key press out for each key pressed, whatever the sender does.

All packets of one digit that share an RTP timestamp are one press (§2.5.1.2). Beyond the letter, as senders are:

- a timestamp that moves while the digit is held goes on with the press, be it a segment as of §2.5.1.3 (the new
  packet begins where the durations so far end) or a duration that grows as the timestamp does;
- a press is over at its first end packet, at the first packet of another press, or after `LOST_END` of silence;
- what comes for a press that is over, late or repeated or after another digit has begun, is no new press;
- an end packet alone is a press, for then all others were lost.

Nothing here waits: `at` is handed in, in seconds, and `Receiver.deadline` says when to call `tick`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Literal

from simulator.dtmf import TelephoneEvent
from simulator.relay.rtp import RtpPacket, forward

LOST_END = 0.500
"""Seconds without a packet after which a press counts as over: all its end packets were lost."""
SHORTEST_PAUSE_MS = 25
"""Silence between two presses of one key that is surely not the seam of two segments (Q.24 wants 40 ms)."""
_SETTLED = 0.100
"""Seconds after the end in which further end packets still count for the record."""
_REMEMBERED = 8
"""Presses that are over, whose late and repeated packets are known."""


@dataclass(frozen=True, slots=True)
class Press:
    """A key press as packets tell it, so far or as a whole."""

    digit: str
    began: float
    """When its first packet came."""
    last: float
    """When its newest one came."""
    timestamp: int
    """Of its newest segment."""
    earlier_units: int
    """From the first segment's timestamp to that of the newest."""
    segment_units: int
    """The longest duration that a packet of the newest segment said."""
    packets: int
    end_packets: int
    volume: int
    payload_type: int
    clock_rate: int
    marked: bool
    """Whether its first packet had the marker bit."""
    over: Literal["", "end", "next", "silence"] = ""
    """What ended it; empty while it lasts."""

    @property
    def units(self) -> int:
        """Duration in timestamp units; 0 when no packet said any."""
        return self.earlier_units + self.segment_units

    @property
    def duration_ms(self) -> int:
        """Its length by what its packets say."""
        return round(self.units * 1000 / self.clock_rate)

    def with_packet(self, event: TelephoneEvent, at: float) -> Press:
        """The press after another packet of it."""
        return replace(
            self,
            last=at,
            segment_units=max(self.segment_units, event.duration),
            packets=self.packets + 1,
            end_packets=self.end_packets + event.end,
        )


@dataclass(frozen=True, slots=True)
class Change:
    """What a packet or the clock did: `began` and `ended` happen once for each press, in that order.

    `settled` comes once too, when all packets that belong to the press have had their time.
    """

    what: Literal["began", "ended", "settled"]
    press: Press


class Receiver:
    """The telephone-events of one direction of one call."""

    def __init__(self) -> None:
        self._open: Press | None = None
        self._over: deque[Press] = deque()
        """Not settled yet, oldest first."""
        self._settled: deque[tuple[int, str]] = deque(maxlen=_REMEMBERED)

    @property
    def deadline(self) -> float | None:
        """When `tick` has something to do."""
        waits = [press.last + _SETTLED for press in self._over]
        if self._open is not None:
            waits.append(self._open.last + LOST_END)
        return min(waits, default=None)

    def packet(self, packet: RtpPacket, clock_rate: int, at: float) -> list[Change]:
        """A packet whose payload type is telephone-event at this clock; other events than keys are passed over."""
        event = TelephoneEvent.parse(packet.payload)
        if event is None:
            return []
        changes = self.tick(at)
        if self._is_known(packet.timestamp, event, at):
            return changes
        if self._open is not None:
            onward = self._onward(self._open, packet, event)
            if onward is not None:
                self._open = onward.with_packet(event, at)
                return changes + self._end_if(event)
            if forward(self._open.timestamp, packet.timestamp, bits=32) >= 0:
                changes += self._close("next")
        press = Press(
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
        if self._open is not None:  # a straggler of a press from before the open one
            late = replace(press, over="next")
            self._over.append(late)
            return [*changes, Change("began", press), Change("ended", late)]
        self._open = press
        return [*changes, Change("began", press), *self._end_if(event)]

    def tick(self, at: float) -> list[Change]:
        """Nothing came until now."""
        changes: list[Change] = []
        if self._open is not None and self._open.last + LOST_END <= at:
            changes += self._close("silence")
        while self._over and self._over[0].last + _SETTLED <= at:
            changes.append(self._settle())
        return changes

    def finish(self) -> list[Change]:
        """The call is over."""
        changes = self._close("silence") if self._open is not None else []
        while self._over:
            changes.append(self._settle())
        return changes

    def _is_known(self, timestamp: int, event: TelephoneEvent, at: float) -> bool:
        """Whether it belongs to a press that is over; such a one is counted."""
        for index, press in enumerate(self._over):
            if (press.timestamp, press.digit) == (timestamp, event.digit):
                self._over[index] = press.with_packet(event, at)
                return True
        return (timestamp, event.digit) in self._settled

    def _onward(self, press: Press, packet: RtpPacket, event: TelephoneEvent) -> Press | None:
        """The open press, ready for this packet; None when the packet is of another one."""
        if press.digit != event.digit:
            return None
        step = forward(press.timestamp, packet.timestamp, bits=32)
        if step == 0:
            return press
        if packet.marker or step < 0:
            return None
        seam = SHORTEST_PAUSE_MS * press.clock_rate // 1000
        if event.duration > press.segment_units and abs(event.duration - press.segment_units - step) <= seam:
            return replace(press, timestamp=packet.timestamp)
        if abs(step - press.segment_units) <= seam:
            return replace(press, timestamp=packet.timestamp, earlier_units=press.earlier_units + step, segment_units=0)
        return None

    def _end_if(self, event: TelephoneEvent) -> list[Change]:
        return self._close("end") if event.end else []

    def _close(self, why: Literal["end", "next", "silence"]) -> list[Change]:
        assert self._open is not None  # noqa: S101  # its callers have looked
        over, self._open = replace(self._open, over=why), None
        self._over.append(over)
        return [Change("ended", over)]

    def _settle(self) -> Change:
        press = self._over.popleft()
        self._settled.append((press.timestamp, press.digit))
        return Change("settled", press)
