"""Requests of ours within a dialog, and what their failure means for the call."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from simulator.sip_timers import SipTimers
from simulator.useragent.sip_text import SipMessage
from simulator.useragent.worker.pjsip import pj
from simulator.useragent.worker.received import status_of

_END_THE_CALL = frozenset({"INVITE", "UPDATE", "INFO", "PRACK"})
"""Methods whose failure with 408 or 481 ends the call (RFC 3261 §12.2.1.2). REFER and NOTIFY have a subscription of
their own, which alone ends (RFC 5057 §5.1)."""

_EARLY_S = 0.1
"""How much earlier than its limit a timer may seem to end a wait, whose beginning is noticed late."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Why a call is over: its peer did not answer a request (408), or does not know the call any more (481)."""

    status: int
    reason: str


class OwnRequests:
    """Watches PJSIP's client transactions of one call."""

    def __init__(self, timers: SipTimers) -> None:
        self._timers = timers
        self._sent_at: dict[int, float] = {}
        """By address of the transaction."""

    def changed(self, tsx: Any, message: SipMessage | None) -> Lost | None:
        """Handle PJSIP's `onCallTsxState`, with the response if that has caused it; returns why the call is over."""
        now, address = time.monotonic(), int(tsx.pjTransaction)
        if tsx.state < pj.PJSIP_TSX_STATE_COMPLETED:
            self._sent_at.setdefault(address, now)
            return None
        sent_at = self._sent_at.pop(address, now)
        status, reason = status_of(tsx, message)
        if tsx.method not in _END_THE_CALL or status not in (408, 481):
            return None
        if message is None:
            reason = unanswered(tsx.method, now - sent_at, self._timers)
        return Lost(status, reason)


def had_final_response(change: Any) -> bool:
    """Whether a transaction that changes had its final response before, so that only a timer ends it (RFC 3261 §17).

    It may belong to an earlier call: PJSIP reports that end to the call that has the slot by then.
    """
    return bool(change.prevState in (pj.PJSIP_TSX_STATE_COMPLETED, pj.PJSIP_TSX_STATE_CONFIRMED))


def unanswered(method: str, waited: float, timers: SipTimers) -> str:
    """The reason phrase of a 408 that no peer has sent: which SIP timer has ended the wait (RFC 3261 §17).

    `waited` is in seconds. The reason names the limit, which a busy machine notices late.
    """
    timer = "B" if method == "INVITE" else "F"
    limits = (timers.automatic_s, timers.unanswered_s)
    seconds = max((limit for limit in limits if limit <= waited + _EARLY_S), default=waited)
    return f"Request Timeout: {method} was not answered within {round(seconds, 1):g} s, SIP timer {timer}"
