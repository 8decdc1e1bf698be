"""A dialled call: the order of its outputs, and the texts of its events."""

from __future__ import annotations

import pytest

from fake_daily_server.telephony.events import DialoutError, DialoutStopped, DialoutWarning
from fake_daily_server.telephony.machines import outputs
from fake_daily_server.telephony.machines.dialout import DialOutMachine, DialOutPlan, DialOutRules
from fake_daily_server.telephony.machines.inputs import (
    Answered,
    DialFailed,
    DialOutInput,
    EarlyMedia,
    Ended,
    MediaUp,
    Ringing,
    RingTimeout,
    StopRequested,
)
from tests.unit.telephony.cases.dialout import (
    BUSY,
    BYE,
    CANCELLED,
    DIALLED,
    EVENTS,
    FALLBACK,
    LOST,
    PLAN,
    UNAVAILABLE,
    WANTED,
)
from tests.unit.telephony.short_names import short_names


def machine_after(
    *sequence: DialOutInput, plan: DialOutPlan = PLAN, rules: DialOutRules | None = None
) -> DialOutMachine:
    machine = DialOutMachine(EVENTS, plan, rules)
    for given in sequence:
        machine.feed(given)
    return machine


def outputs_of(
    *sequence: DialOutInput, plan: DialOutPlan = PLAN, rules: DialOutRules | None = None
) -> list[outputs.Output]:
    machine = DialOutMachine(EVENTS, plan, rules)
    return [output for given in sequence for output in machine.feed(given)]


def last_event(*sequence: DialOutInput) -> object:
    return [output.event for output in outputs_of(*sequence) if isinstance(output, outputs.Publish)][-1]


def error_text(*sequence: DialOutInput) -> str:
    event = last_event(*sequence)
    assert isinstance(event, DialoutError)
    return event.error_msg


def test_an_answered_call_from_request_to_hang_up() -> None:
    assert short_names(outputs_of(DIALLED, Ringing(), Answered(), WANTED, BYE)) == [
        "timer 60",
        "dialout-connected",
        "join",
        "dialout-answered",
        "timer off",
        "leave",
        "dialout-stopped",
        "release",
    ]


def test_the_participant_can_be_set_to_join_after_the_answer() -> None:
    rules = DialOutRules(join_after="answered")
    assert short_names(outputs_of(DIALLED, Answered(), BYE, rules=rules)) == [
        "timer 60",
        "dialout-connected",
        "dialout-answered",
        "join",
        "timer off",
        "leave",
        "dialout-stopped",
        "release",
    ]
    ringing_first = short_names(outputs_of(DIALLED, Ringing(), Answered(), rules=rules))
    assert ringing_first == ["timer 60", "dialout-connected", "dialout-answered", "join", "timer off"]
    assert short_names(outputs_of(DIALLED, Ringing(), BUSY, rules=rules)) == [
        "timer 60",
        "dialout-connected",
        "dialout-error",
        "timer off",
        "release",
    ]


def test_the_participant_is_that_of_the_request() -> None:
    joined = [output for output in outputs_of(DIALLED, Ringing()) if isinstance(output, outputs.AddParticipant)]
    assert joined == [outputs.AddParticipant("7d208e2a", "Desk", "pstn-dial-out", "u1")]


@pytest.mark.parametrize(
    ("crossing", "hang_ups"), [((), 1), ((Answered(),), 2), ((Answered(), FALLBACK, Ringing()), 2)]
)
def test_a_stop_while_ringing_ends_once_even_if_the_answer_crosses_the_cancel(
    crossing: tuple[DialOutInput, ...], hang_ups: int
) -> None:
    done = short_names(outputs_of(DIALLED, Ringing(), StopRequested(), StopRequested(), *crossing, CANCELLED, BYE))
    assert done == [
        "timer 60",
        "dialout-connected",
        "join",
        "hang up",
        "timer off",
        *["hang up"] * (hang_ups - 1),
        "leave",
        "dialout-stopped",
        "release",
    ]


def test_a_stop_before_ringing_leads_to_dialout_stopped_only() -> None:
    done = short_names(outputs_of(DIALLED, StopRequested(), Ringing(), CANCELLED))
    assert done == ["timer 60", "hang up", "timer off", "dialout-stopped", "release"]


def test_a_stop_before_the_invite_hangs_up_once_it_has_been_sent() -> None:
    done = short_names(outputs_of(StopRequested(), DIALLED, Answered(), BYE))
    assert done == ["hang up", "hang up", "dialout-stopped", "release"]


def test_the_ring_timer_ends_a_ringing_call_without_an_answer() -> None:
    rules = DialOutRules(ring_timeout_s=0.3)
    assert short_names(outputs_of(DIALLED, Ringing(), RingTimeout(), CANCELLED, rules=rules)) == [
        "timer 0.3",
        "dialout-connected",
        "join",
        "hang up",
        "leave",
        "dialout-stopped",
        "release",
    ]


def test_the_statuses_that_mean_no_answer_are_a_setting() -> None:
    rules = DialOutRules(no_answer_statuses=frozenset({486}))
    assert "dialout-stopped" in short_names(outputs_of(DIALLED, Ringing(), BUSY, rules=rules))
    assert "dialout-error" in short_names(outputs_of(DIALLED, Ringing(), UNAVAILABLE, rules=rules))


def test_the_extension_is_dialled_after_the_answer() -> None:
    plan = DialOutPlan("Desk", "pstn-dial-out", "PCMU", extension="12#", wait_before_extension_s=2)
    assert short_names(outputs_of(DIALLED, Answered(), plan=plan))[-1] == "extension 12# after 2"


def test_a_fallback_leads_to_one_warning_after_dialout_connected() -> None:
    sequence = (DIALLED, EarlyMedia(), FALLBACK, Answered(), FALLBACK, MediaUp("PCMA", telephone_event=False))
    assert short_names(outputs_of(*sequence)) == [
        "timer 60",
        "dialout-connected",
        "join",
        "dialout-warning",
        "dialout-answered",
        "timer off",
    ]
    warning = last_event(DIALLED, Answered(), FALLBACK)
    assert isinstance(warning, DialoutWarning)
    assert warning.error_msg == ("Requested codec unavailable, using fallback (G722 was asked for, PCMU is used)")


def test_the_negotiated_media_can_be_read() -> None:
    assert machine_after(DIALLED, Answered()).media is None
    assert machine_after(DIALLED, Answered(), WANTED, FALLBACK).media == FALLBACK


@pytest.mark.parametrize(
    ("sequence", "text"),
    [
        (
            (DialFailed("'+1' cannot be reached: nobody has it (404 Not Found)"),),
            "DialOut failed with error: '+1' cannot be reached: nobody has it (404 Not Found)",
        ),
        ((DIALLED, BUSY), "DialOut failed with error: 486 Busy Here (busy)"),
        (
            (DIALLED, Ringing(), Ended(603, "Decline", "remote")),
            "DialOut failed with error: 603 Decline (declined)",
        ),
        (
            (DIALLED, Ended(404, "Not Found", "remote")),
            "DialOut failed with error: 404 Not Found (unallocated number)",
        ),
        (
            (DIALLED, Ended(488, "Not Acceptable Here", "remote")),
            "DialOut failed with error: 488 Not Acceptable Here (no common codec)",
        ),
        (
            (DIALLED, Answered(), Ended(415, "SDP negotiation failed", "local")),
            "DialOut failed with error: 415 SDP negotiation failed (no common codec)",
        ),
        (
            (DIALLED, Answered(), LOST),
            "DialOut failed with error: process error, SIP worker lost (killed by SIGKILL)",
        ),
        (
            (DIALLED, RingTimeout(), CANCELLED),
            "DialOut failed with error: 408 Request Timeout (no answer)",
        ),
    ],
)
def test_the_error_names_the_cause(sequence: tuple[DialOutInput, ...], text: str) -> None:
    assert error_text(*sequence) == text


def test_an_error_has_the_destination_and_the_received_x_headers() -> None:
    ended = Ended(486, "Busy Here", "remote", (("Via", "SIP/2.0/UDP h"), ("X-Cause", "17")))
    event = last_event(DIALLED, ended)
    assert isinstance(event, DialoutError)
    assert event.payload() == {
        "action": "dialout-error",
        "sessionId": "7d208e2a",
        "userId": "u1",
        "errorMsg": "DialOut failed with error: 486 Busy Here (busy)",
        "details": {"destination": "+12098888888", "sipHeaders": {"X-Cause": "17"}},
        "actionTraceId": "t1",
        "provider": "daily",
        "sipCallId": "call@host",
    }


def test_a_call_without_an_invite_has_no_call_id() -> None:
    event = last_event(StopRequested(), DialFailed("no route"))
    assert isinstance(event, DialoutStopped)
    assert "sipCallId" not in event.payload()
    assert event.payload()["destination"] == "+12098888888"


def test_events_that_need_a_call_id_name_the_session_without_one() -> None:
    with pytest.raises(ValueError, match="session 7d208e2a has no SIP Call-ID yet"):
        _ = machine_after().known_call_id
