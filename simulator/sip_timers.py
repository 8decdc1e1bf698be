"""How long SIP waits for an answer before it gives up: RFC 3261's timers, or shorter ones for tests.

The table of RFC 3261 §17 derives them from T1 = 500 ms, the estimate of a round trip. Both sets keep T1 and T2, so that
requests are retransmitted after 0.5, 1, 2 and 4 s as in the RFC; they differ in when waiting ends.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

SipTimersName = Literal["rfc", "fast"]
"""Which set of timers is used."""


class SipTimers(BaseModel):
    """One set of timers, in ms where nothing else is said."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    unanswered_ms: int
    """Timers B and F, 64*T1: how long a request waits for an answer. Also how long our 200 waits for its ACK, and an
    accepted REFER for its first NOTIFY (timer N, RFC 6665 §4.1.2.4)."""
    automatic_ms: int
    """The same for what PJSIP sends by itself, such as the PRACK of a reliable 183 and the BYE after an unusable
    answer; and timers H, I and J: how long a finished transaction is kept for retransmissions."""
    t4_ms: int
    """How long a message may be on its way."""
    session_s: int = 1800
    """How long a call lasts without a refresh, in seconds: Session-Expires, for which RFC 4028 §4 recommends half an
    hour. After half of it this side refreshes the session, unless the peer does."""

    @property
    def unanswered_s(self) -> float:
        """`unanswered_ms` in seconds."""
        return self.unanswered_ms / 1000

    @property
    def automatic_s(self) -> float:
        """`automatic_ms` in seconds."""
        return self.automatic_ms / 1000


RFC_TIMERS = SipTimers(name="rfc", unanswered_ms=32_000, automatic_ms=32_000, t4_ms=5_000)
FAST_TIMERS = SipTimers(name="fast", unanswered_ms=4_000, automatic_ms=1_600, t4_ms=1_000)
"""For tests, where no real peer needs 32 s. PJSIP also keeps some 80 kB of each call that much shorter."""

_BY_NAME: dict[SipTimersName, SipTimers] = {"rfc": RFC_TIMERS, "fast": FAST_TIMERS}


def sip_timers(name: SipTimersName) -> SipTimers:
    """The set of timers with this name."""
    return _BY_NAME[name]
