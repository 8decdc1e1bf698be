"""Digits of one call in a worker: sent one by one from a queue, heard as starts and ends."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from simulator.dtmf import DIGITS, PAUSE, PAUSE_MS, InfoDigit
from simulator.useragent.messages import DigitEnd, DigitsFailed, DigitsSent, DigitStart, SendDigits
from simulator.useragent.worker.pjsip import pj

if TYPE_CHECKING:
    from simulator.useragent.worker.call import SipCall

END_PACKETS = 0.060
"""Seconds for the three end packets of a telephone-event to be out: one per 20 ms."""
_LOST_END = 0.500
"""Seconds without an update after which a digit counts as over: all its end packets were lost."""


class DigitSender:
    """The queue of digit sequences that wait to be sent on one call."""

    def __init__(self, call: SipCall) -> None:
        self._call = call
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[SendDigits] = deque()
        self._current: SendDigits | None = None
        self._left: Iterator[str] = iter(())
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0

    def enqueue(self, command: SendDigits) -> None:
        """Send a sequence when those before it are over."""
        self._waiting.append(command)
        if self._current is None:
            self._due = self._loop.time()
            self._next_sequence()

    def stop(self, because: str) -> None:
        """Give up all sequences."""
        if self._timer:
            self._timer.cancel()
        gone = ([self._current] if self._current else []) + list(self._waiting)
        self._current = None
        self._waiting.clear()
        for command in gone:
            self._fail(command, because)

    def info_answered(self, status: int, reason: str) -> None:
        """The INFO of a digit got its final response."""
        command = self._current
        if command is None or command.method != "sip-info":
            return
        if status >= 300:
            self._fail(command, f"the INFO with a digit was answered {status} {reason}")
            self._next_sequence()
            return
        rest = (command.duration_ms + command.gap_ms) / 1000
        self._due = max(self._due + rest, self._loop.time())
        self._at(self._due, self._next_digit)

    def _next_sequence(self) -> None:
        self._current = self._waiting.popleft() if self._waiting else None
        if self._current:
            self._left = iter(self._current.digits)
            self._next_digit()

    def _next_digit(self) -> None:
        command = self._current
        if command is None:
            return
        digit = next(self._left, None)
        if digit is None:
            self._call.emit(DigitsSent(at=time.monotonic(), call=self._call.key, id=command.id))
            self._next_sequence()
        elif digit == PAUSE:
            self._due += PAUSE_MS / 1000
            self._at(self._due, self._next_digit)
        else:
            self._due = max(self._due, self._loop.time() - 0.020)
            self._press(command, digit)

    def _press(self, command: SendDigits, digit: str) -> None:
        if not self._call.alive:
            self.stop("the call has ended")
            return
        try:
            if command.method == "sip-info":
                body = InfoDigit(digit, command.duration_ms).body(command.info_type)
                self._call.info.send(command.info_type, body, self.info_answered)
                return
            self._send_event(command, digit)
        except pj.Error as error:
            self._fail(command, f"{error.reason} (PJSIP {error.status})")
            self._next_sequence()
            return
        length = (command.duration_ms + command.gap_ms) / 1000
        self._due += max(length, command.duration_ms / 1000 + END_PACKETS)
        self._at(self._due, self._next_digit)

    def _send_event(self, command: SendDigits, digit: str) -> None:
        prm = pj.CallSendDtmfParam()
        prm.method = pj.PJSUA_DTMF_METHOD_RFC2833
        prm.duration = command.duration_ms
        prm.digits = digit
        self._call.sendDtmf(prm)

    def _fail(self, command: SendDigits, error: str) -> None:
        self._call.emit(DigitsFailed(at=time.monotonic(), call=self._call.key, id=command.id, error=error))

    def _at(self, moment: float, do: Any) -> None:
        self._timer = self._loop.call_at(moment, do)


class HeardDigits:
    """The digits that a call receives: one end for each, whatever was lost on the way."""

    def __init__(self, call: SipCall) -> None:
        self._call = call
        self._loop = asyncio.get_running_loop()
        self._open: str | None = None
        self._duration = 0
        self._timer: asyncio.TimerHandle | None = None

    def event(self, prm: Any) -> None:
        """PJSIP's `onDtmfEvent`: flags 0 at the start, 1 at updates, 2 at the end."""
        if prm.method != pj.PJSUA_DTMF_METHOD_RFC2833:
            return  # an INFO; `InfoExchange` reads those itself
        if prm.digit not in DIGITS:
            return  # a hook flash is "R" to PJSIP
        if prm.flags == 0 or self._open != prm.digit:
            self.finish()
            self._open = prm.digit
            self._call.emit(
                DigitStart(at=time.monotonic(), call=self._call.key, digit=prm.digit, method="telephone-event")
            )
        self._duration = int(prm.duration)
        if self._timer:
            self._timer.cancel()
        if prm.flags & 2:
            self.finish()
        else:
            self._timer = self._loop.call_later(_LOST_END, self.finish)

    def finish(self) -> None:
        """End the digit that has begun, if one has."""
        if self._timer:
            self._timer.cancel()
        if self._open is not None:
            digit, self._open = self._open, None
            self._call.emit(
                DigitEnd(
                    at=time.monotonic(),
                    call=self._call.key,
                    digit=digit,
                    method="telephone-event",
                    duration_ms=self._duration,
                )
            )
