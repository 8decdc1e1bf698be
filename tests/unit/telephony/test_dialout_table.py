"""Every state of a dialled call against every input, and the order of what comes out."""

from __future__ import annotations

from typing import get_args

import pytest

from fake_daily_server.telephony import outputs
from fake_daily_server.telephony.dialout import (
    IGNORED,
    TABLE,
    DialOutPlan,
    DialOutRules,
    DialOutSession,
    DialOutState,
)
from fake_daily_server.telephony.events import DialoutError, DialOutLeg, DialoutStopped, DialoutWarning
from fake_daily_server.telephony.inputs import (
    Answered,
    Arrived,
    DialFailed,
    Dialled,
    DialOutInput,
    EarlyMedia,
    Ended,
    MediaUp,
    Ringing,
    RingTimeout,
    StopRequested,
    TakenAway,
    WorkerLost,
)
from tests.unit.telephony.words import words

S = DialOutState

LEG = DialOutLeg(
    session_id="7d208e2a",
    destination="+12098888888",
    origin="+13977888822",
    caller_id="+13977888822",
    user_id="u1",
    action_trace_id="t1",
)
PLAN = DialOutPlan("Desk", "pstn-dial-out", preferred_codec="G722")

DIALLED = Dialled("call@host")
WANTED = MediaUp("G722", telephone_event=True)
FALLBACK = MediaUp("PCMU", telephone_event=True)
BYE = Ended(200, "OK", "remote")
BUSY = Ended(486, "Busy Here", "remote")
UNAVAILABLE = Ended(480, "Temporarily Unavailable", "remote")
CANCELLED = Ended(487, "Request Terminated", "local")
LOST = WorkerLost("killed by SIGKILL")
ARRIVED = Arrived("call@host", WANTED)

ROAD: dict[DialOutState, tuple[DialOutInput, ...]] = {
    S.NEW: (),
    S.ABANDONED: (StopRequested(),),
    S.DIALLING: (DIALLED,),
    S.RINGING: (DIALLED, Ringing()),
    S.ANSWERED: (DIALLED, Ringing(), Answered()),
    S.ENDING: (DIALLED, Ringing(), StopRequested()),
    S.GIVING_UP: (DIALLED, RingTimeout()),
    S.DONE: (DIALLED, BUSY),
}
"""A way into each state."""

SAMPLES: tuple[DialOutInput, ...] = (
    DIALLED,
    DialFailed("'+1' cannot be reached"),
    Ringing(),
    EarlyMedia(),
    Answered(),
    WANTED,
    FALLBACK,
    BYE,
    BUSY,
    UNAVAILABLE,
    CANCELLED,
    LOST,
    StopRequested(),
    RingTimeout(),
    ARRIVED,
    TakenAway(),
)

STOPPED_ALONE = (S.DONE, ["dialout-stopped", "release"])
ERROR_ALONE = (S.DONE, ["dialout-error", "release"])
ERROR_DIALLING = (S.DONE, ["dialout-error", "timer off", "release"])
RINGS = (S.RINGING, ["dialout-connected", "join"])
ERROR_RINGING = (S.DONE, ["leave", "dialout-error", "timer off", "release"])
NO_ANSWER = (S.DONE, ["leave", "dialout-stopped", "timer off", "release"])
LEFT_STOPPED = (S.DONE, ["leave", "dialout-stopped", "release"])
LEFT_ERROR = (S.DONE, ["leave", "dialout-error", "release"])

EXPECTED: dict[tuple[DialOutState, DialOutInput], tuple[DialOutState, list[str]]] = {
    (S.NEW, DIALLED): (S.DIALLING, ["timer 60"]),
    (S.NEW, SAMPLES[1]): ERROR_ALONE,
    (S.NEW, BYE): ERROR_ALONE,
    (S.NEW, BUSY): ERROR_ALONE,
    (S.NEW, UNAVAILABLE): ERROR_ALONE,
    (S.NEW, CANCELLED): ERROR_ALONE,
    (S.NEW, LOST): ERROR_ALONE,
    (S.NEW, StopRequested()): (S.ABANDONED, []),
    (S.NEW, ARRIVED): (S.ANSWERED, ["dialout-connected", "join", "dialout-answered"]),
    (S.ABANDONED, DIALLED): (S.ENDING, ["hang up"]),
    (S.ABANDONED, SAMPLES[1]): STOPPED_ALONE,
    (S.ABANDONED, BYE): STOPPED_ALONE,
    (S.ABANDONED, BUSY): STOPPED_ALONE,
    (S.ABANDONED, UNAVAILABLE): STOPPED_ALONE,
    (S.ABANDONED, CANCELLED): STOPPED_ALONE,
    (S.ABANDONED, LOST): STOPPED_ALONE,
    (S.DIALLING, Ringing()): RINGS,
    (S.DIALLING, EarlyMedia()): RINGS,
    (S.DIALLING, Answered()): (
        S.ANSWERED,
        ["dialout-connected", "join", "dialout-answered", "timer off"],
    ),
    (S.DIALLING, BYE): ERROR_DIALLING,
    (S.DIALLING, BUSY): ERROR_DIALLING,
    (S.DIALLING, UNAVAILABLE): ERROR_DIALLING,
    (S.DIALLING, CANCELLED): ERROR_DIALLING,
    (S.DIALLING, LOST): ERROR_DIALLING,
    (S.DIALLING, StopRequested()): (S.ENDING, ["hang up", "timer off"]),
    (S.DIALLING, RingTimeout()): (S.GIVING_UP, ["hang up"]),
    (S.RINGING, WANTED): (S.RINGING, []),
    (S.RINGING, FALLBACK): (S.RINGING, ["dialout-warning"]),
    (S.RINGING, Answered()): (S.ANSWERED, ["dialout-answered", "timer off"]),
    (S.RINGING, BYE): ERROR_RINGING,
    (S.RINGING, BUSY): ERROR_RINGING,
    (S.RINGING, UNAVAILABLE): NO_ANSWER,
    (S.RINGING, CANCELLED): NO_ANSWER,
    (S.RINGING, LOST): ERROR_RINGING,
    (S.RINGING, StopRequested()): (S.ENDING, ["hang up", "timer off"]),
    (S.RINGING, RingTimeout()): (S.ENDING, ["hang up"]),
    (S.ANSWERED, WANTED): (S.ANSWERED, []),
    (S.ANSWERED, FALLBACK): (S.ANSWERED, ["dialout-warning"]),
    (S.ANSWERED, BYE): LEFT_STOPPED,
    (S.ANSWERED, BUSY): LEFT_ERROR,
    (S.ANSWERED, UNAVAILABLE): LEFT_ERROR,
    (S.ANSWERED, CANCELLED): LEFT_ERROR,
    (S.ANSWERED, LOST): LEFT_ERROR,
    (S.ANSWERED, StopRequested()): (S.ENDING, ["hang up"]),
    (S.ANSWERED, TakenAway()): LEFT_STOPPED,
    (S.ENDING, TakenAway()): LEFT_STOPPED,
    (S.ENDING, Answered()): (S.ENDING, ["hang up"]),
    (S.ENDING, BYE): LEFT_STOPPED,
    (S.ENDING, BUSY): LEFT_STOPPED,
    (S.ENDING, UNAVAILABLE): LEFT_STOPPED,
    (S.ENDING, CANCELLED): LEFT_STOPPED,
    (S.ENDING, LOST): LEFT_STOPPED,
    (S.GIVING_UP, Answered()): (S.GIVING_UP, ["hang up"]),
    (S.GIVING_UP, BYE): ERROR_ALONE,
    (S.GIVING_UP, BUSY): ERROR_ALONE,
    (S.GIVING_UP, UNAVAILABLE): ERROR_ALONE,
    (S.GIVING_UP, CANCELLED): ERROR_ALONE,
    (S.GIVING_UP, LOST): ERROR_ALONE,
}


def session(*road: DialOutInput, plan: DialOutPlan = PLAN, rules: DialOutRules | None = None) -> DialOutSession:
    call = DialOutSession(LEG, plan, rules)
    for fact in road:
        call.feed(fact)
    return call


def story(*facts: DialOutInput, plan: DialOutPlan = PLAN, rules: DialOutRules | None = None) -> list[outputs.Output]:
    call = DialOutSession(LEG, plan, rules)
    return [output for fact in facts for output in call.feed(fact)]


def last_event(*facts: DialOutInput) -> object:
    return [output.event for output in story(*facts) if isinstance(output, outputs.Publish)][-1]


def error_text(*facts: DialOutInput) -> str:
    event = last_event(*facts)
    assert isinstance(event, DialoutError)
    return event.error_msg


def test_each_pair_is_handled_or_ignored_and_never_both() -> None:
    every_pair = {(state, kind) for state in DialOutState for kind in get_args(DialOutInput)}
    assert {type(sample) for sample in SAMPLES} == set(get_args(DialOutInput))
    assert set(TABLE) | set(IGNORED) == every_pair
    assert not set(TABLE) & set(IGNORED)


@pytest.mark.parametrize("state", DialOutState)
@pytest.mark.parametrize("fact", SAMPLES, ids=repr)
def test_what_an_input_does_in_a_state(state: DialOutState, fact: DialOutInput) -> None:
    call = session(*ROAD[state])
    assert call.state is state
    to, done = EXPECTED.get((state, fact), (state, []))
    assert words(call.feed(fact)) == done
    assert call.state is to
    assert ((state, type(fact)) in TABLE) == ((state, fact) in EXPECTED)


def test_the_last_arc_of_each_cell_is_unconditional_and_no_other_is() -> None:
    for arcs in TABLE.values():
        assert [arc.when is None for arc in arcs] == [False] * (len(arcs) - 1) + [True]


def test_what_is_no_input_is_an_error_that_names_it() -> None:
    with pytest.raises(TypeError, match="'hello' is no input of DialOutSession"):
        session().feed("hello")  # type: ignore[arg-type]  # the error is the point


def test_an_answered_call_from_request_to_hang_up() -> None:
    assert words(story(DIALLED, Ringing(), Answered(), WANTED, BYE)) == [
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
    assert words(story(DIALLED, Answered(), BYE, rules=rules)) == [
        "timer 60",
        "dialout-connected",
        "dialout-answered",
        "join",
        "timer off",
        "leave",
        "dialout-stopped",
        "release",
    ]
    ringing_first = words(story(DIALLED, Ringing(), Answered(), rules=rules))
    assert ringing_first == ["timer 60", "dialout-connected", "dialout-answered", "join", "timer off"]
    assert words(story(DIALLED, Ringing(), BUSY, rules=rules)) == [
        "timer 60",
        "dialout-connected",
        "dialout-error",
        "timer off",
        "release",
    ]


def test_the_joining_participant_is_the_one_asked_for() -> None:
    joined = [output for output in story(DIALLED, Ringing()) if isinstance(output, outputs.JoinParticipant)]
    assert joined == [outputs.JoinParticipant("7d208e2a", "Desk", "pstn-dial-out", "u1")]


@pytest.mark.parametrize(
    ("crossing", "hang_ups"), [((), 1), ((Answered(),), 2), ((Answered(), FALLBACK, Ringing()), 2)]
)
def test_a_stop_while_ringing_ends_once_even_if_the_answer_crosses_the_cancel(
    crossing: tuple[DialOutInput, ...], hang_ups: int
) -> None:
    done = words(story(DIALLED, Ringing(), StopRequested(), StopRequested(), *crossing, CANCELLED, BYE))
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


def test_a_stop_before_ringing_is_a_stop_and_nothing_else() -> None:
    done = words(story(DIALLED, StopRequested(), Ringing(), CANCELLED))
    assert done == ["timer 60", "hang up", "timer off", "dialout-stopped", "release"]


def test_a_stop_before_the_invite_hangs_up_as_soon_as_it_is_out() -> None:
    done = words(story(StopRequested(), DIALLED, Answered(), BYE))
    assert done == ["hang up", "hang up", "dialout-stopped", "release"]


def test_the_ring_timer_ends_a_ringing_call_without_an_answer() -> None:
    rules = DialOutRules(ring_timeout_s=0.3)
    assert words(story(DIALLED, Ringing(), RingTimeout(), CANCELLED, rules=rules)) == [
        "timer 0.3",
        "dialout-connected",
        "join",
        "hang up",
        "leave",
        "dialout-stopped",
        "release",
    ]


def test_which_statuses_mean_no_answer_is_a_setting() -> None:
    rules = DialOutRules(no_answer_statuses=frozenset({486}))
    assert "dialout-stopped" in words(story(DIALLED, Ringing(), BUSY, rules=rules))
    assert "dialout-error" in words(story(DIALLED, Ringing(), UNAVAILABLE, rules=rules))


def test_the_extension_is_dialled_after_the_answer() -> None:
    plan = DialOutPlan("Desk", "pstn-dial-out", "PCMU", extension="12#", wait_before_extension_s=2)
    assert words(story(DIALLED, Answered(), plan=plan))[-1] == "extension 12# after 2"


def test_a_fallback_is_warned_of_once_and_after_the_connection() -> None:
    facts = (DIALLED, EarlyMedia(), FALLBACK, Answered(), FALLBACK, MediaUp("PCMA", telephone_event=False))
    assert words(story(*facts)) == [
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


def test_the_media_in_use_can_be_read() -> None:
    assert session(DIALLED, Answered()).media is None
    assert session(DIALLED, Answered(), WANTED, FALLBACK).media == FALLBACK


@pytest.mark.parametrize(
    ("facts", "text"),
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
def test_the_error_says_the_cause(facts: tuple[DialOutInput, ...], text: str) -> None:
    assert error_text(*facts) == text


def test_an_error_carries_the_destination_and_the_headers_received() -> None:
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


def test_a_call_that_was_never_sent_has_no_call_id() -> None:
    event = last_event(StopRequested(), DialFailed("no route"))
    assert isinstance(event, DialoutStopped)
    assert "sipCallId" not in event.payload()
    assert event.payload()["destination"] == "+12098888888"
