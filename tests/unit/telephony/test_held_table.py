"""Every state of a caller on hold against every input."""

from __future__ import annotations

from typing import get_args

import pytest

from fake_daily_server.telephony.held import IGNORED, TABLE, HeldCall, HeldRules, HeldState
from fake_daily_server.telephony.inputs import (
    Answered,
    Claimed,
    Ended,
    HeldInput,
    HoldTimeout,
    MediaUp,
    NegotiationFailed,
    Offered,
    Refusal,
    RoomNotMade,
    SoundOver,
    StopRequested,
    WorkerLost,
)
from tests.unit.telephony.words import words

S = HeldState

OFFERED = Offered()
REFUSED = Offered(Refusal(486, "Busy Here", "full"))
MEDIA = MediaUp("PCMU", telephone_event=True)
BYE = Ended(200, "OK", "remote")
LOST = WorkerLost("killed by SIGKILL")
NOT_MADE = RoomNotMade("answered 500")

SAMPLES: tuple[HeldInput, ...] = (
    OFFERED,
    REFUSED,
    Answered(),
    MEDIA,
    NegotiationFailed("no common codec"),
    BYE,
    LOST,
    StopRequested(),
    Claimed(),
    HoldTimeout(),
    NOT_MADE,
    SoundOver(),
)

ROAD: dict[HeldState, tuple[HeldInput, ...]] = {
    S.NEW: (),
    S.ANSWERING: (OFFERED,),
    S.HELD: (OFFERED, Answered(), MEDIA),
    S.APOLOGISING: (OFFERED, MEDIA, HoldTimeout()),
    S.ENDING: (OFFERED, MEDIA, StopRequested()),
    S.MOVED: (OFFERED, MEDIA, Claimed()),
    S.DONE: (OFFERED, BYE),
}

OVER = (S.DONE, ["release"])
OVER_HELD = (S.DONE, ["timer off", "release"])
HANGS_UP = (S.ENDING, ["hang up"])

EXPECTED: dict[tuple[HeldState, HeldInput], tuple[HeldState, list[str]]] = {
    (S.NEW, OFFERED): (S.ANSWERING, ["answer"]),
    (S.NEW, REFUSED): (S.DONE, ["reject 486", "release"]),
    (S.ANSWERING, MEDIA): (S.HELD, ["hold music", "timer 40", "ask"]),
    (S.ANSWERING, NegotiationFailed("no common codec")): (S.DONE, ["hang up", "release"]),
    (S.ANSWERING, StopRequested()): HANGS_UP,
    (S.HELD, Claimed()): (S.MOVED, ["timer off", "silence", "move", "release"]),
    (S.HELD, HoldTimeout()): (S.APOLOGISING, ["timeout message 'Nobody came'"]),
    (S.HELD, NOT_MADE): (S.HELD, []),
    (S.HELD, BYE): OVER_HELD,
    (S.HELD, LOST): OVER_HELD,
    (S.HELD, StopRequested()): (S.ENDING, ["timer off", "hang up"]),
    (S.APOLOGISING, SoundOver()): HANGS_UP,
    (S.APOLOGISING, StopRequested()): HANGS_UP,
    **{(state, end): OVER for state in (S.NEW, S.ANSWERING, S.APOLOGISING, S.ENDING) for end in (BYE, LOST)},
}


def held(*road: HeldInput, rules: HeldRules | None = None) -> HeldCall:
    call = HeldCall(rules or HeldRules(timeout_message="Nobody came"))
    for fact in road:
        call.feed(fact)
    return call


def test_each_pair_is_handled_or_ignored_and_never_both() -> None:
    every_pair = {(state, kind) for state in HeldState for kind in get_args(HeldInput)}
    assert {type(sample) for sample in SAMPLES} == set(get_args(HeldInput))
    assert set(TABLE) | set(IGNORED) == every_pair
    assert not set(TABLE) & set(IGNORED)


@pytest.mark.parametrize("state", HeldState)
@pytest.mark.parametrize("fact", SAMPLES, ids=repr)
def test_what_an_input_does_in_a_state(state: HeldState, fact: HeldInput) -> None:
    call = held(*ROAD[state])
    assert call.state is state
    to, done = EXPECTED.get((state, fact), (state, []))
    assert words(call.feed(fact)) == done
    assert call.state is to
    assert ((state, type(fact)) in TABLE) == ((state, fact) in EXPECTED)


def test_the_last_arc_of_each_cell_is_unconditional_and_no_other_is() -> None:
    for arcs in TABLE.values():
        assert [arc.when is None for arc in arcs] == [False] * (len(arcs) - 1) + [True]


def test_a_server_that_makes_no_room_can_end_the_wait() -> None:
    call = held(OFFERED, MEDIA, rules=HeldRules(when_no_room_is_made="drop"))
    assert words(call.feed(NOT_MADE)) == ["timer off", "timeout message"]
    assert words(call.feed(SoundOver())) == ["hang up"]


def test_the_limit_is_that_of_the_rules() -> None:
    assert "timer 12.5" in words(held(OFFERED, rules=HeldRules(limit_s=12.5)).feed(MEDIA))


def test_a_claim_that_comes_too_late_does_nothing() -> None:
    call = held(OFFERED, MEDIA, HoldTimeout())
    assert call.feed(Claimed()) == ()
    assert words(call.feed(SoundOver())) == ["hang up"]
