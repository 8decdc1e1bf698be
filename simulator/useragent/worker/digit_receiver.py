"""Received telephone-events (RFC 4733) of one call, as PJSIP reports them; used for calls without a relay."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from simulator.dtmf import DIGITS
from simulator.useragent.messages import DigitEnd, DigitStart
from simulator.useragent.worker.call_notices import CallNotices
from simulator.useragent.worker.pjsip import pj

_LOST_END = 0.500
"""Seconds without an update after which a digit has ended: all its end packets were lost."""


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
