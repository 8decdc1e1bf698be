"""Every state of an incoming call against every input, and the order of what comes out."""

from __future__ import annotations

from typing import get_args

import pytest

from fake_daily_server.telephony import outputs
from fake_daily_server.telephony.dialin import IGNORED, TABLE, DialInPlan, DialInSession, DialInState
from fake_daily_server.telephony.events import DialinError, DialInLeg, DialinWarning
from fake_daily_server.telephony.inputs import (
    Answered,
    Arrived,
    DialInInput,
    Ended,
    MediaUp,
    NegotiationFailed,
    Offered,
    Refusal,
    StopRequested,
    TakenAway,
    WorkerLost,
)
from tests.unit.telephony.words import words

S = DialInState

LEG = DialInLeg(
    session_id="a64d30f4",
    sip_call_id="abc@host",
    sip_from="sip:caller@example.com",
    sip_endpoint="sip:demo.0@127.0.0.1:5060",
    sip_headers={"X-Ticket": "7"},
    action_trace_id="t1",
)
PLAN = DialInPlan("Caller", preferred_codec="OPUS")

REFUSED = Offered(Refusal(486, "Busy Here", "the endpoint has a caller already"))
OFFERED = Offered()
WANTED = MediaUp("OPUS", telephone_event=True)
FALLBACK = MediaUp("PCMU", telephone_event=True)
NO_COMMON = NegotiationFailed("no common codec")
BYE = Ended(200, "OK", "remote")
CANCEL = Ended(487, "Request Terminated", "remote")
NO_ACK = Ended(408, "Request Timeout", "local")
OWN_BYE = Ended(200, "OK", "local")
LOST = WorkerLost("killed by SIGKILL")
ARRIVED = Arrived("abc@host", WANTED)
ARRIVED_OTHERWISE = Arrived("abc@host", FALLBACK)

SAMPLES: tuple[DialInInput, ...] = (
    OFFERED,
    REFUSED,
    Answered(),
    WANTED,
    FALLBACK,
    NO_COMMON,
    BYE,
    CANCEL,
    NO_ACK,
    OWN_BYE,
    LOST,
    StopRequested(),
    ARRIVED,
    ARRIVED_OTHERWISE,
    TakenAway(),
)

ROAD: dict[DialInState, tuple[DialInInput, ...]] = {
    S.NEW: (),
    S.ANSWERING: (OFFERED,),
    S.CONFIRMED: (OFFERED, Answered()),
    S.JOINED: (OFFERED, Answered(), WANTED),
    S.ENDING: (OFFERED, Answered(), WANTED, StopRequested()),
    S.DONE: (REFUSED,),
}

STOPPED = (S.DONE, ["dialin-stopped", "release"])
FAILED = (S.DONE, ["dialin-error", "release"])
JOINS = (S.JOINED, ["join"])
JOINS_WITH_WARNING = (S.JOINED, ["join", "dialin-warning"])
HANGS_UP = (S.ENDING, ["hang up"])
NO_SDP = (S.DONE, ["dialin-error", "hang up", "release"])
LEFT_STOPPED = (S.DONE, ["leave", "dialin-stopped", "release"])
LEFT_ERROR = (S.DONE, ["leave", "dialin-error", "release"])

BEFORE_MEDIA: dict[DialInInput, tuple[DialInState, list[str]]] = {
    WANTED: JOINS,
    FALLBACK: JOINS_WITH_WARNING,
    NO_COMMON: NO_SDP,
    BYE: STOPPED,
    CANCEL: STOPPED,
    NO_ACK: FAILED,
    OWN_BYE: FAILED,
    LOST: FAILED,
    StopRequested(): HANGS_UP,
}

EXPECTED: dict[tuple[DialInState, DialInInput], tuple[DialInState, list[str]]] = {
    (S.NEW, OFFERED): (S.ANSWERING, ["dialin-connected", "answer"]),
    (S.NEW, REFUSED): (S.DONE, ["reject 486", "release"]),
    (S.NEW, ARRIVED): (S.JOINED, ["dialin-connected", "join"]),
    (S.NEW, ARRIVED_OTHERWISE): (S.JOINED, ["dialin-connected", "join", "dialin-warning"]),
    **{(S.NEW, fact): (S.DONE, ["release"]) for fact in (BYE, CANCEL, NO_ACK, OWN_BYE, LOST)},
    **{(S.ANSWERING, fact): result for fact, result in BEFORE_MEDIA.items()},
    (S.ANSWERING, Answered()): (S.CONFIRMED, []),
    **{(S.CONFIRMED, fact): result for fact, result in BEFORE_MEDIA.items()},
    (S.JOINED, WANTED): (S.JOINED, []),
    (S.JOINED, FALLBACK): (S.JOINED, ["dialin-warning"]),
    (S.JOINED, NO_COMMON): (S.DONE, ["leave", "dialin-error", "hang up", "release"]),
    (S.JOINED, BYE): LEFT_STOPPED,
    (S.JOINED, CANCEL): LEFT_ERROR,
    (S.JOINED, NO_ACK): LEFT_ERROR,
    (S.JOINED, OWN_BYE): LEFT_STOPPED,
    (S.JOINED, LOST): LEFT_ERROR,
    (S.JOINED, StopRequested()): HANGS_UP,
    (S.JOINED, TakenAway()): LEFT_STOPPED,
    **{(S.ENDING, fact): LEFT_STOPPED for fact in (BYE, CANCEL, NO_ACK, OWN_BYE, LOST, TakenAway())},
}


def session(*road: DialInInput) -> DialInSession:
    call = DialInSession(LEG, PLAN)
    for fact in road:
        call.feed(fact)
    return call


def story(*facts: DialInInput, plan: DialInPlan = PLAN) -> list[outputs.Output]:
    call = DialInSession(LEG, plan)
    return [output for fact in facts for output in call.feed(fact)]


def error(*facts: DialInInput) -> DialinError:
    events = [output.event for output in story(*facts) if isinstance(output, outputs.Publish)]
    assert isinstance(events[-1], DialinError)
    return events[-1]


def test_each_pair_is_handled_or_ignored_and_never_both() -> None:
    every_pair = {(state, kind) for state in DialInState for kind in get_args(DialInInput)}
    assert {type(sample) for sample in SAMPLES} == set(get_args(DialInInput))
    assert set(TABLE) | set(IGNORED) == every_pair
    assert not set(TABLE) & set(IGNORED)


@pytest.mark.parametrize("state", DialInState)
@pytest.mark.parametrize("fact", SAMPLES, ids=repr)
def test_what_an_input_does_in_a_state(state: DialInState, fact: DialInInput) -> None:
    call = session(*ROAD[state])
    assert call.state is state
    to, done = EXPECTED.get((state, fact), (state, []))
    assert words(call.feed(fact)) == done
    assert call.state is to
    assert ((state, type(fact)) in TABLE) == ((state, fact) in EXPECTED)


def test_the_last_arc_of_each_cell_is_unconditional_and_no_other_is() -> None:
    for arcs in TABLE.values():
        assert [arc.when is None for arc in arcs] == [False] * (len(arcs) - 1) + [True]


def test_a_call_from_invite_to_hang_up() -> None:
    assert words(story(OFFERED, Answered(), WANTED, BYE)) == [
        "dialin-connected",
        "answer",
        "join",
        "leave",
        "dialin-stopped",
        "release",
    ]


def test_the_end_of_the_session_hangs_up_and_waits_for_sip() -> None:
    assert words(story(OFFERED, WANTED, StopRequested(), StopRequested(), FALLBACK, OWN_BYE, BYE)) == [
        "dialin-connected",
        "answer",
        "join",
        "hang up",
        "leave",
        "dialin-stopped",
        "release",
    ]


def test_a_stop_before_media_has_no_participant() -> None:
    done = words(story(OFFERED, StopRequested(), Answered(), WANTED, OWN_BYE))
    assert done == ["dialin-connected", "answer", "hang up", "dialin-stopped", "release"]


def test_the_joining_participant_is_the_one_planned() -> None:
    plan = DialInPlan("Ann", "pstn-dial-in")
    joined = [out for out in story(OFFERED, WANTED, plan=plan) if isinstance(out, outputs.JoinParticipant)]
    assert joined == [outputs.JoinParticipant("a64d30f4", "Ann", "pstn-dial-in", None)]


def test_a_fallback_is_warned_of_once_and_after_the_join() -> None:
    facts = (OFFERED, Answered(), FALLBACK, FALLBACK, MediaUp("PCMA", telephone_event=False))
    assert words(story(*facts)) == ["dialin-connected", "answer", "join", "dialin-warning"]
    publishes = [out.event for out in story(*facts) if isinstance(out, outputs.Publish)]
    assert isinstance(publishes[-1], DialinWarning)
    assert publishes[-1].error_msg == ("Requested codec unavailable, using fallback (OPUS was asked for, PCMU is used)")


def test_a_room_without_a_preference_never_warns() -> None:
    assert "dialin-warning" not in words(story(OFFERED, FALLBACK, plan=DialInPlan("Ann")))


def test_an_error_before_media_is_start_failed() -> None:
    assert error(OFFERED, NO_COMMON).payload() == {
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
    ("facts", "text", "kind"),
    [
        (
            (OFFERED, Answered(), Ended(415, "SDP negotiation failed", "local")),
            "SDP negotiation failed: 415 SDP negotiation failed (no common codec)",
            "start-failed",
        ),
        ((OFFERED, NO_ACK), "DialIn failed with error: 408 Request Timeout (no answer)", "start-failed"),
        (
            (OFFERED, LOST),
            "DialIn failed with error: process error, SIP worker lost (killed by SIGKILL)",
            "start-failed",
        ),
        (
            (OFFERED, WANTED, LOST),
            "DialIn failed with error: process error, SIP worker lost (killed by SIGKILL)",
            None,
        ),
    ],
)
def test_the_error_says_the_cause(facts: tuple[DialInInput, ...], text: str, kind: str | None) -> None:
    event = error(*facts)
    assert event.error_msg == text
    assert event.type == kind
