"""The telephone-events of one call: recorded as they reach the relay, reported as it sends them on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from simulator.relay.rtp import RtpPacket
from simulator.relay.tap import Tap
from simulator.relay.telephone_event_receiver import DigitUpdate
from simulator.useragent import messages as m
from simulator.useragent.media_path import Role, other_role

DigitListener = Callable[[m.DigitStart | m.DigitEnd], None]
"""Receives the start and the end of each digit; `call` is an empty string, as a path does not know the call's key."""


class RecordDigit(Protocol):
    """A function that records on the timeline that a digit has reached the relay."""

    def __call__(self, action: str, **fields: Any) -> None:
        """Add the record: `action` is its action, `fields` are its fields, such as `digit` and `duration_ms`."""


class PathDigits:
    """The digits of both parties. Used on the relay's loop."""

    def __init__(self, taps: Mapping[Role, Tap], record: RecordDigit) -> None:
        self._taps = taps
        self._record_fields = record
        self._loop = asyncio.get_running_loop()
        self._listeners: dict[Role, DigitListener] = {}
        self._timer: asyncio.TimerHandle | None = None

    def listen(self, hearer: Role, listener: DigitListener) -> None:
        """Call `listener` with each digit that is delivered to `hearer`; it replaces the listener before."""
        self._listeners[hearer] = listener

    def arrived(self, sender: Role, updates: Iterable[DigitUpdate]) -> None:
        """Record digits that reached the relay on the timeline, each once it is settled."""
        for update in updates:
            if update.what != "settled":
                continue
            digit = update.digit
            self._taps[sender].sent.append(digit)
            self._record_fields(
                "digit",
                sender=sender,
                digit=digit.digit,
                method="telephone-event",
                payload_type=digit.payload_type,
                units=digit.units,
                clock_rate=digit.clock_rate,
                duration_ms=digit.duration_ms,
                packets=digit.packets,
                end_packets=digit.end_packets,
                marker=digit.marked,
                volume=digit.volume,
            )

    def sent_on(self, sender: Role, data: bytes, at: float) -> None:
        """Take in a packet that was sent on to its receiver."""
        tap = self._taps[sender]
        clock = tap.event_clock(data[1] & 0x7F) if len(data) > 1 else None
        if clock is None:
            return
        rtp = RtpPacket.parse(data)
        if rtp is not None:
            self._report(sender, tap.delivered.packet(rtp, clock, at))
            self.set_timer()

    def set_timer(self) -> None:
        """Have `_tick` run when a digit ends or settles for lack of packets."""
        waits = [each.deadline for tap in self._taps.values() for each in (tap.arriving, tap.delivered)]
        first = min((wait for wait in waits if wait is not None), default=None)
        if first is None or (self._timer is not None and self._timer.when() <= first):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(first, self._tick)

    def stop(self) -> None:
        """End the timer, because no more packets pass."""
        if self._timer is not None:
            self._timer.cancel()

    def finish(self, sender: Role) -> None:
        """Record and report the digits of a party that have not ended."""
        tap = self._taps[sender]
        self.arrived(sender, tap.arriving.finish())
        self._report(sender, tap.delivered.finish())

    def _report(self, sender: Role, updates: Iterable[DigitUpdate]) -> None:
        """Report digits that were sent on to the listener of their receiver."""
        listener = self._listeners.get(other_role(sender))
        if listener is None:
            return
        for update in updates:
            digit = update.digit
            if update.what == "began":
                listener(m.DigitStart(at=digit.began, call="", digit=digit.digit, method="telephone-event"))
            elif update.what == "ended":
                listener(
                    m.DigitEnd(
                        at=digit.last,
                        call="",
                        digit=digit.digit,
                        method="telephone-event",
                        duration_ms=digit.duration_ms,
                    )
                )

    def _tick(self) -> None:
        self._timer = None
        now = time.monotonic()
        for sender, tap in self._taps.items():
            self.arrived(sender, tap.arriving.tick(now))
            self._report(sender, tap.delivered.tick(now))
        self.set_timer()
