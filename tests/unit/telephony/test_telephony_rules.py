"""Admission, the session limit, and what SIP statuses are called."""

from __future__ import annotations

import pytest

from fake_daily_server.telephony import causes
from fake_daily_server.telephony.admission import Admission, AdmissionStatuses, Door
from fake_daily_server.telephony.limits import SessionLimit, SessionsInUse

OPEN = Door(known=True)


@pytest.mark.parametrize(
    ("door", "status"),
    [
        (OPEN, None),
        (Door(known=False), 404),
        (Door(known=True, room_expired=True), 404),
        (Door(known=True, session_live=False), 480),
        (Door(known=True, endpoint_busy=True), 486),
        (Door(known=True, within_limit=False), 486),
        (Door(known=True, session_live=False, endpoint_busy=True, within_limit=False), 480),
        (Door(known=False, room_expired=True, session_live=False), 404),
    ],
)
def test_who_is_let_in(door: Door, status: int | None) -> None:
    refusal = Admission().judge(door)
    assert (refusal.status if refusal else None) == status


def test_each_refusal_says_why() -> None:
    reasons = {
        refusal.because
        for door in (
            Door(known=False),
            Door(known=True, room_expired=True),
            Door(known=True, session_live=False),
            Door(known=True, endpoint_busy=True),
            Door(known=True, within_limit=False),
        )
        if (refusal := Admission().judge(door))
    }
    assert len(reasons) == 5


def test_the_statuses_are_a_setting() -> None:
    statuses = AdmissionStatuses(no_live_session=(404, "Nobody Home"))
    refusal = Admission(statuses).judge(Door(known=True, session_live=False))
    assert refusal is not None
    assert (refusal.status, refusal.reason) == (404, "Nobody Home")


@pytest.mark.parametrize(
    ("limit", "now", "used", "dial_out", "dial_in"),
    [
        (SessionLimit(), SessionsInUse(), 0, True, True),
        (SessionLimit(), SessionsInUse(provisioned_endpoints=5), 5, False, True),
        (SessionLimit(), SessionsInUse(provisioned_endpoints=5, busy_endpoints=4), 5, False, True),
        (SessionLimit(), SessionsInUse(provisioned_endpoints=1, dial_outs=3), 4, True, True),
        (SessionLimit(), SessionsInUse(provisioned_endpoints=1, dial_outs=4), 5, False, True),
        (SessionLimit(), SessionsInUse(provisioned_endpoints=2, dial_outs=3, pstn_dial_ins=1), 6, False, False),
        (SessionLimit(2), SessionsInUse(dial_outs=1, pstn_dial_ins=1), 2, False, True),
        (SessionLimit(counting="connections"), SessionsInUse(provisioned_endpoints=5), 0, True, True),
        (
            SessionLimit(counting="connections"),
            SessionsInUse(provisioned_endpoints=5, busy_endpoints=1, dial_outs=4),
            5,
            False,
            False,
        ),
    ],
)
def test_what_the_session_limit_allows(
    limit: SessionLimit, now: SessionsInUse, used: int, dial_out: bool, dial_in: bool
) -> None:
    assert limit.used(now) == used
    assert limit.allows_more(now) is dial_out
    assert limit.allows_dial_in(now) is dial_in


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (302, "moved, and redirection is not followed"),
        (403, "not allowed"),
        (404, "unallocated number"),
        (408, "no answer"),
        (415, "no common codec"),
        (418, "refused"),
        (480, "no answer"),
        (483, "network failure"),
        (484, "unusable address"),
        (486, "busy"),
        (487, "cancelled"),
        (488, "no common codec"),
        (500, "network failure"),
        (503, "network failure"),
        (600, "busy"),
        (603, "declined"),
        (606, "no common codec"),
        (699, "refused"),
    ],
)
def test_the_cause_behind_a_status(status: int, cause: str) -> None:
    assert causes.cause(status) == cause
    assert causes.sip_failure(status, "Some Reason") == f"{status} Some Reason ({cause})"
    assert causes.sip_failure(status, "") == f"{status} ({cause})"
