"""A receiver of RFC 4733 telephone-events: reports each digit once, whatever the sender gets wrong.

All packets of one digit that share an SSRC and an RTP timestamp belong together (§2.5.1.2). To cope with real senders:

- A timestamp that changes while the digit lasts continues it, if the new packet is a segment (§2.5.1.3: it begins where
  the durations so far end) or if the duration grows as the timestamp does.
- A timestamp that does not change although another digit begins is recognised by a marker bit, or by a duration that
  begins anew.
- A digit ends with its first end packet, with the first packet of another digit, or after `LOST_END` without packets.
- A packet for a digit that has ended is no new digit, be it late, repeated, or received after the next digit began;
  not any more, however, `FORGOTTEN_AFTER` its last packet.
- An end packet without others is a digit: all other packets were lost.

Nothing here waits: `at` is in seconds of any clock, and `TelephoneEventReceiver.deadline` tells when to call `tick`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Literal

from simulator.dtmf import TelephoneEvent
from simulator.relay.rtp import RtpPacket, serial_distance
from simulator.relay.rtp_digit import RtpDigit

LOST_END = 0.500
"""Seconds without a packet after which a digit has ended: all its end packets were lost."""
_SETTLE_TIME = 0.100
"""Seconds after the last packet in which further end packets are counted."""
_REMEMBERED = 8
"""Settled digits whose late and repeated packets are recognised."""


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
        self._settled: deque[RtpDigit] = deque(maxlen=_REMEMBERED)
        """Oldest first."""

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
        continued = self._continued(packet, event, at)
        if continued is not None:
            self._current = continued.with_packet(packet, event, at)
            return updates + self._end_if_last(event)
        if self._belongs_to_ended(packet, event, at):
            return updates
        return updates + self._begin(RtpDigit.of_first_packet(packet, event, clock_rate, at), packet, event)

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

    def _continued(self, packet: RtpPacket, event: TelephoneEvent, at: float) -> RtpDigit | None:
        """The digit that lasts, if this packet belongs to it."""
        current = self._current
        if current is None:
            return None
        return current if current.has(packet, event, at) else self._with_next_segment(current, packet, event, at)

    def _with_next_segment(
        self, current: RtpDigit, packet: RtpPacket, event: TelephoneEvent, at: float
    ) -> RtpDigit | None:
        is_late = any(ended.has(packet, event, at) for ended in self._ended)
        return None if is_late else current.continued(packet, event)

    def _belongs_to_ended(self, packet: RtpPacket, event: TelephoneEvent, at: float) -> bool:
        """Whether a packet belongs to a digit that has ended; it is counted until the digit is settled."""
        for index, ended in reversed(tuple(enumerate(self._ended))):
            if ended.has(packet, event, at):
                self._ended[index] = ended.with_packet(packet, event, at)
                return True
        return any(settled.has(packet, event, at) for settled in self._settled)

    def _begin(self, digit: RtpDigit, packet: RtpPacket, event: TelephoneEvent) -> list[DigitUpdate]:
        current, updates = self._current, []
        if current is not None:
            if _is_late(packet, current):
                late = replace(digit, over="next")
                self._ended.append(late)
                return [DigitUpdate("began", digit), DigitUpdate("ended", late)]
            updates = self._end("next")
        self._current = digit
        return [*updates, DigitUpdate("began", digit), *self._end_if_last(event)]

    def _end_if_last(self, event: TelephoneEvent) -> list[DigitUpdate]:
        return self._end("end") if event.end else []

    def _end(self, why: Literal["end", "next", "silence"]) -> list[DigitUpdate]:
        assert self._current is not None  # noqa: S101  # callers have checked
        ended, self._current = replace(self._current, over=why), None
        self._ended.append(ended)
        return [DigitUpdate("ended", ended)]

    def _settle(self) -> DigitUpdate:
        digit = self._ended.popleft()
        self._settled.append(digit)
        return DigitUpdate("settled", digit)


def _is_late(packet: RtpPacket, current: RtpDigit) -> bool:
    """Whether a packet is of a digit from before the current one, all of whose packets so far were lost."""
    if packet.ssrc != current.ssrc or current.is_before(packet):
        return False
    return serial_distance(current.timestamp, packet.timestamp, bits=32) < 0
