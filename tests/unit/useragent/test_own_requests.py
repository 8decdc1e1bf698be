"""What ends a call whose requests nobody answers, in words."""

from __future__ import annotations

import pytest

from simulator.sip_timers import FAST_TIMERS, RFC_TIMERS, SipTimers
from simulator.useragent.worker.own_requests import unanswered


@pytest.mark.parametrize(
    ("timers", "waited", "limit"),
    [
        (FAST_TIMERS, 1.58, "1.6 s"),
        (FAST_TIMERS, 2.9, "1.6 s"),
        (FAST_TIMERS, 4.0, "4 s"),
        (FAST_TIMERS, 6.1, "4 s"),
        (RFC_TIMERS, 31.95, "32 s"),
        (RFC_TIMERS, 35.0, "32 s"),
        (RFC_TIMERS, 5.0, "5 s"),
    ],
)
def test_the_reason_names_the_limit_whenever_it_was_noticed(timers: SipTimers, waited: float, limit: str) -> None:
    expected = f"Request Timeout: INVITE was not answered within {limit}, SIP timer B"
    assert unanswered("INVITE", waited, timers) == expected


def test_other_methods_have_timer_f() -> None:
    assert unanswered("UPDATE", 4.0, FAST_TIMERS).endswith("UPDATE was not answered within 4 s, SIP timer F")
