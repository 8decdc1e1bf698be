"""Call admission, the session limit, and the causes behind SIP statuses."""

from __future__ import annotations

import pytest

from fake_daily_server.telephony import causes
from fake_daily_server.telephony.call_admission import CallAdmission, RefusalStatuses, RoomAvailability
from fake_daily_server.telephony.session_limit import SessionLimit, SessionsInUse

OPEN = RoomAvailability(exists=True)


@pytest.mark.parametrize(
    ("room", "status"),
    [
        (OPEN, None),
        (RoomAvailability(exists=False), 404),
        (RoomAvailability(exists=True, room_expired=True), 404),
        (RoomAvailability(exists=True, session_live=False), 480),
        (RoomAvailability(exists=True, endpoint_busy=True), 486),
        (RoomAvailability(exists=True, within_limit=False), 486),
        (RoomAvailability(exists=True, session_live=False, endpoint_busy=True, within_limit=False), 480),
        (RoomAvailability(exists=False, room_expired=True, session_live=False), 404),
    ],
)
def test_which_calls_are_accepted(room: RoomAvailability, status: int | None) -> None:
    refusal = CallAdmission().refusal(room)
    assert (refusal.status if refusal else None) == status


def test_each_refusal_has_its_own_explanation() -> None:
    reasons = {
        refusal.explanation
        for room in (
            RoomAvailability(exists=False),
            RoomAvailability(exists=True, room_expired=True),
            RoomAvailability(exists=True, session_live=False),
            RoomAvailability(exists=True, endpoint_busy=True),
            RoomAvailability(exists=True, within_limit=False),
        )
        if (refusal := CallAdmission().refusal(room))
    }
    assert len(reasons) == 5


def test_the_refusal_statuses_can_be_chosen() -> None:
    statuses = RefusalStatuses(no_live_session=(404, "Nobody Home"))
    refusal = CallAdmission(statuses).refusal(RoomAvailability(exists=True, session_live=False))
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
    assert limit.allows_call_without_endpoint(now) is dial_out
    assert limit.allows_call_at_endpoint(now) is dial_in


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
def test_the_cause_of_a_status(status: int, cause: str) -> None:
    assert causes.cause(status) == cause
    assert causes.sip_failure(status, "Some Reason") == f"{status} Some Reason ({cause})"
    assert causes.sip_failure(status, "") == f"{status} ({cause})"
