"""DTMF on one call: digits sent one by one from a queue, and received telephone-events (RFC 4733)."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterator
from typing import Any, Protocol

from simulator.dtmf import DIGITS, PAUSE, PAUSE_MS, InfoDigit
from simulator.useragent.messages import DigitEnd, DigitsFailed, DigitsSent, DigitStart, SendDigits
from simulator.useragent.worker.call_notices import CallNotices
from simulator.useragent.worker.info import InfoExchange
from simulator.useragent.worker.pjsip import error_text, pj

_END_PACKETS = 0.060
"""Seconds that the three end packets of a telephone-event take: PJSIP sends one every 20 ms."""
_LATEST_START = 0.020
"""Seconds that a digit may start too late without moving those after it."""
_LOST_END = 0.500
"""Seconds without an update after which a digit has ended: all its end packets were lost."""


class DigitCall(Protocol):
    """What `DigitSender` uses of a `pj.Call`."""

    @property
    def alive(self) -> bool: ...

    def sendDtmf(self, prm: Any) -> None: ...  # noqa: N802  # PJSUA2's name


class DigitSender:
    """The queue of digit sequences to be sent on one call.

    PJSIP is given each digit when it is due: one `sendDtmf` has one duration for all its digits, and fails with 35.
    """

    def __init__(self, call: DigitCall, info: InfoExchange, notices: CallNotices) -> None:
        self._call = call
        self._info = info
        self._notices = notices
        self._loop = asyncio.get_running_loop()
        self._queue: deque[SendDigits] = deque()
        self._current: SendDigits | None = None
        self._remaining: Iterator[str] = iter(())
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        """Loop time at which the next digit starts."""

    def enqueue(self, command: SendDigits) -> None:
        """Send a sequence once those before it are finished."""
        self._queue.append(command)
        if self._current is None:
            self._due = self._loop.time()
            self._next_sequence()

    def stop(self, error: str) -> None:
        """Stop sending, and report `DigitsFailed` for every unfinished sequence."""
        if self._timer:
            self._timer.cancel()
        unfinished = ([self._current] if self._current else []) + list(self._queue)
        self._current = None
        self._queue.clear()
        for command in unfinished:
            self._fail(command, error)

    def _info_answered(self, status: int, reason: str) -> None:
        """The INFO that carries the current digit got its final response."""
        command = self._current
        if command is None or command.method != "sip-info":
            return
        if status >= 300:
            self._fail(command, f"the INFO with a digit was answered {status} {reason}")
            self._next_sequence()
            return
        length = (command.duration_ms + command.gap_ms) / 1000
        self._due = max(self._due + length, self._loop.time())
        self._schedule_next()

    def _next_sequence(self) -> None:
        self._current = self._queue.popleft() if self._queue else None
        if self._current:
            self._remaining = iter(self._current.digits)
            self._next_digit()

    def _next_digit(self) -> None:
        command = self._current
        if command is None:
            return
        digit = next(self._remaining, None)
        if digit is None:
            self._notices.emit(DigitsSent(at=time.monotonic(), call=self._notices.call, id=command.id))
            self._next_sequence()
        elif digit == PAUSE:
            self._due += PAUSE_MS / 1000
            self._schedule_next()
        else:
            self._due = max(self._due, self._loop.time() - _LATEST_START)
            self._send_digit(command, digit)

    def _send_digit(self, command: SendDigits, digit: str) -> None:
        if not self._call.alive:
            self.stop("the call has ended")
            return
        try:
            if command.method == "sip-info":
                body = InfoDigit(digit, command.duration_ms).body(command.info_type)
                self._info.send(command.info_type, body, self._info_answered)
                return
            self._send_telephone_event(command, digit)
        except pj.Error as error:
            self._fail(command, error_text(error))
            self._next_sequence()
            return
        length = (command.duration_ms + command.gap_ms) / 1000
        self._due += max(length, command.duration_ms / 1000 + _END_PACKETS)
        self._schedule_next()

    def _send_telephone_event(self, command: SendDigits, digit: str) -> None:
        prm = pj.CallSendDtmfParam()
        prm.method = pj.PJSUA_DTMF_METHOD_RFC2833
        prm.duration = command.duration_ms
        prm.digits = digit
        self._call.sendDtmf(prm)

    def _fail(self, command: SendDigits, error: str) -> None:
        self._notices.emit(DigitsFailed(at=time.monotonic(), call=self._notices.call, id=command.id, error=error))

    def _schedule_next(self) -> None:
        self._timer = self._loop.call_at(self._due, self._next_digit)


class DigitReceiver:
    """Reports received telephone-events: one `DigitStart` and one `DigitEnd` each, whichever packets were lost."""

    def __init__(self, notices: CallNotices) -> None:
        self._notices = notices
        self._loop = asyncio.get_running_loop()
        self._digit: str | None = None
        """The digit that has started and not ended."""
        self._duration_ms = 0
        self._timer: asyncio.TimerHandle | None = None

    def event(self, prm: Any) -> None:
        """Handle PJSIP's `onDtmfEvent`, whose flags are 0 at the start of a digit, 1 at updates, 2 at the end."""
        if prm.method != pj.PJSUA_DTMF_METHOD_RFC2833:
            return  # SIP INFO: `InfoExchange` reads it
        if prm.digit not in DIGITS:
            return  # PJSIP reports a hook flash as "R"
        if prm.flags == 0 or self._digit != prm.digit:
            self.finish()
            self._digit = prm.digit
            self._notices.emit(
                DigitStart(at=time.monotonic(), call=self._notices.call, digit=prm.digit, method="telephone-event")
            )
        self._duration_ms = int(prm.duration)
        if self._timer:
            self._timer.cancel()
        if prm.flags & 2:
            self.finish()
        else:
            self._timer = self._loop.call_later(_LOST_END, self.finish)

    def finish(self) -> None:
        """Report the end of the digit that has started, if there is one."""
        if self._timer:
            self._timer.cancel()
        if self._digit is not None:
            digit, self._digit = self._digit, None
            self._notices.emit(
                DigitEnd(
                    at=time.monotonic(),
                    call=self._notices.call,
                    digit=digit,
                    method="telephone-event",
                    duration_ms=self._duration_ms,
                )
            )
