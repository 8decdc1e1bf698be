"""An incoming call: the order of its outputs, and the texts of its events."""

from __future__ import annotations

import pytest

from fake_daily_server.telephony.events import DialinError, DialinWarning
from fake_daily_server.telephony.machines import outputs
from fake_daily_server.telephony.machines.dialin import DialInMachine, DialInPlan
from fake_daily_server.telephony.machines.inputs import Answered, DialInInput, Ended, MediaUp, StopRequested
from tests.unit.telephony.cases.dialin import (
    BYE,
    EVENTS,
    FALLBACK,
    INVITE,
    LOST,
    NO_ACK,
    NO_COMMON,
    OWN_BYE,
    PLAN,
    WANTED,
)
from tests.unit.telephony.short_names import short_names


def outputs_of(*sequence: DialInInput, plan: DialInPlan = PLAN) -> list[outputs.Output]:
    machine = DialInMachine(EVENTS, plan)
    return [output for given in sequence for output in machine.feed(given)]


def error(*sequence: DialInInput) -> DialinError:
    events = [output.event for output in outputs_of(*sequence) if isinstance(output, outputs.Publish)]
    assert isinstance(events[-1], DialinError)
    return events[-1]


def test_a_call_from_invite_to_hang_up() -> None:
    assert short_names(outputs_of(INVITE, Answered(), WANTED, BYE)) == [
        "dialin-connected",
        "answer",
        "join",
        "leave",
        "dialin-stopped",
        "release",
    ]


def test_the_end_of_the_session_hangs_up_and_waits_for_the_end_of_the_call() -> None:
    assert short_names(outputs_of(INVITE, WANTED, StopRequested(), StopRequested(), FALLBACK, OWN_BYE, BYE)) == [
        "dialin-connected",
        "answer",
        "join",
        "hang up",
        "leave",
        "dialin-stopped",
        "release",
    ]


def test_a_stop_before_media_adds_no_participant() -> None:
    done = short_names(outputs_of(INVITE, StopRequested(), Answered(), WANTED, OWN_BYE))
    assert done == ["dialin-connected", "answer", "hang up", "dialin-stopped", "release"]


def test_the_participant_is_that_of_the_plan() -> None:
    plan = DialInPlan("Ann", "pstn-dial-in")
    joined = [out for out in outputs_of(INVITE, WANTED, plan=plan) if isinstance(out, outputs.AddParticipant)]
    assert joined == [outputs.AddParticipant("a64d30f4", "Ann", "pstn-dial-in", None)]


def test_a_fallback_leads_to_one_warning_after_the_join() -> None:
    sequence = (INVITE, Answered(), FALLBACK, FALLBACK, MediaUp("PCMA", telephone_event=False))
    assert short_names(outputs_of(*sequence)) == ["dialin-connected", "answer", "join", "dialin-warning"]
    publishes = [out.event for out in outputs_of(*sequence) if isinstance(out, outputs.Publish)]
    assert isinstance(publishes[-1], DialinWarning)
    assert publishes[-1].error_msg == ("Requested codec unavailable, using fallback (OPUS was asked for, PCMU is used)")


def test_a_room_without_a_preferred_codec_has_no_warning() -> None:
    assert "dialin-warning" not in short_names(outputs_of(INVITE, FALLBACK, plan=DialInPlan("Ann")))


def test_an_error_before_media_is_start_failed() -> None:
    assert error(INVITE, NO_COMMON).payload() == {
        "action": "dialin-error",
        "sessionId": "a64d30f4",
        "errorMsg": "SDP negotiation failed: no common codec",
        "type": "start-failed",
        "details": {"sipEndpoint": "sip:demo.0@127.0.0.1:5060"},
        "actionTraceId": "t1",
        "provider": "daily",
        "sipCallId": "abc@host",
    }


@pytest.mark.parametrize(
    ("sequence", "text", "kind"),
    [
        (
            (INVITE, Answered(), Ended(415, "SDP negotiation failed", "local")),
            "SDP negotiation failed: 415 SDP negotiation failed (no common codec)",
            "start-failed",
        ),
        ((INVITE, NO_ACK), "DialIn failed with error: 408 Request Timeout (no answer)", "start-failed"),
        (
            (INVITE, LOST),
            "DialIn failed with error: process error, SIP worker lost (killed by SIGKILL)",
            "start-failed",
        ),
        (
            (INVITE, WANTED, LOST),
            "DialIn failed with error: process error, SIP worker lost (killed by SIGKILL)",
            None,
        ),
    ],
)
def test_the_error_names_the_cause(sequence: tuple[DialInInput, ...], text: str, kind: str | None) -> None:
    event = error(*sequence)
    assert event.error_msg == text
    assert event.type == kind
