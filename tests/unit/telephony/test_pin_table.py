"""Every state of a caller who dials a code against every input."""

from __future__ import annotations

from typing import get_args

import pytest

from fake_daily_server.telephony.inputs import (
    Answered,
    Ended,
    HoldTimeout,
    MediaUp,
    MeetingStarted,
    NegotiationFailed,
    NoRoom,
    Offered,
    PinInput,
    Pressed,
    Refusal,
    RoomFound,
    SoundOver,
    StopRequested,
    WorkerLost,
)
from fake_daily_server.telephony.pin import IGNORED, TABLE, PinCall, PinRules, PinState
from tests.unit.telephony.words import words

S = PinState

CODE = "12345678901"
OFFERED = Offered()
REFUSED = Offered(Refusal(486, "Busy Here", "full"))
MEDIA = MediaUp("PCMU", telephone_event=True)
BYE = Ended(200, "OK", "remote")
LOST = WorkerLost("killed by SIGKILL")
LIVE = RoomFound(live=True, waits=False)
WAITS = RoomFound(live=False, waits=True)
NOT_LIVE = RoomFound(live=False, waits=False)
KEYS = tuple(Pressed(key) for key in CODE)

SAMPLES: tuple[PinInput, ...] = (
    OFFERED,
    REFUSED,
    Answered(),
    MEDIA,
    NegotiationFailed("no common codec"),
    BYE,
    LOST,
    StopRequested(),
    Pressed("5"),
    Pressed("#"),
    HoldTimeout(),
    LIVE,
    WAITS,
    NOT_LIVE,
    NoRoom("no room has this code"),
    MeetingStarted(),
    SoundOver(),
)

ROAD: dict[PinState, tuple[PinInput, ...]] = {
    S.NEW: (),
    S.ANSWERING: (OFFERED,),
    S.COLLECTING: (OFFERED, Answered(), MEDIA),
    S.CHECKING: (OFFERED, MEDIA, *KEYS),
    S.WAITING: (OFFERED, MEDIA, *KEYS, WAITS),
    S.APOLOGISING: (OFFERED, MEDIA, *KEYS, NOT_LIVE),
    S.ENDING: (OFFERED, MEDIA, HoldTimeout()),
    S.MOVED: (OFFERED, MEDIA, *KEYS, LIVE),
    S.DONE: (OFFERED, BYE),
}

OVER = (S.DONE, ["release"])
OVER_COLLECTING = (S.DONE, ["timer off", "release"])
HANGS_UP = (S.ENDING, ["hang up"])

EXPECTED: dict[tuple[PinState, PinInput], tuple[PinState, list[str]]] = {
    (S.NEW, OFFERED): (S.ANSWERING, ["answer"]),
    (S.NEW, REFUSED): (S.DONE, ["reject 486", "release"]),
    (S.ANSWERING, MEDIA): (S.COLLECTING, ["greeting 'Your code, please'", "timer 20"]),
    (S.ANSWERING, NegotiationFailed("no common codec")): (S.DONE, ["hang up", "release"]),
    (S.COLLECTING, Pressed("5")): (S.COLLECTING, ["silence", "timer 20"]),
    (S.COLLECTING, Pressed("#")): (S.COLLECTING, ["silence", "timer 20"]),
    (S.COLLECTING, HoldTimeout()): HANGS_UP,
    (S.COLLECTING, BYE): OVER_COLLECTING,
    (S.COLLECTING, LOST): OVER_COLLECTING,
    (S.COLLECTING, StopRequested()): (S.ENDING, ["timer off", "hang up"]),
    (S.CHECKING, LIVE): (S.MOVED, ["move", "release"]),
    (S.CHECKING, WAITS): (S.WAITING, ["hold music"]),
    (S.CHECKING, NOT_LIVE): (S.APOLOGISING, ["refusal 'nobody is in the room'"]),
    (S.CHECKING, NoRoom("no room has this code")): (S.APOLOGISING, ["refusal 'no room has this code'"]),
    (S.WAITING, MeetingStarted()): (S.MOVED, ["silence", "move", "release"]),
    (S.WAITING, NoRoom("no room has this code")): (S.APOLOGISING, ["refusal 'no room has this code'"]),
    (S.APOLOGISING, SoundOver()): HANGS_UP,
    **{(state, StopRequested()): HANGS_UP for state in (S.ANSWERING, S.CHECKING, S.WAITING, S.APOLOGISING)},
    **{
        (state, end): OVER
        for state in (S.NEW, S.ANSWERING, S.CHECKING, S.WAITING, S.APOLOGISING, S.ENDING)
        for end in (BYE, LOST)
    },
}


def caller(*road: PinInput) -> PinCall:
    call = PinCall(PinRules(greeting="Your code, please"))
    for fact in road:
        call.feed(fact)
    return call


def test_each_pair_is_handled_or_ignored_and_never_both() -> None:
    every_pair = {(state, kind) for state in PinState for kind in get_args(PinInput)}
    assert {type(sample) for sample in SAMPLES} == set(get_args(PinInput))
    assert set(TABLE) | set(IGNORED) == every_pair
    assert not set(TABLE) & set(IGNORED)


@pytest.mark.parametrize("state", PinState)
@pytest.mark.parametrize("fact", SAMPLES, ids=repr)
def test_what_an_input_does_in_a_state(state: PinState, fact: PinInput) -> None:
    call = caller(*ROAD[state])
    assert call.state is state
    to, done = EXPECTED.get((state, fact), (state, []))
    assert words(call.feed(fact)) == done
    assert call.state is to
    assert ((state, type(fact)) in TABLE) == ((state, fact) in EXPECTED)


def test_the_last_arc_of_each_cell_is_unconditional_and_no_other_is() -> None:
    for arcs in TABLE.values():
        assert [arc.when is None for arc in arcs] == [False] * (len(arcs) - 1) + [True]


def test_eleven_digits_make_a_code_and_other_keys_are_passed_over() -> None:
    call = caller(OFFERED, MEDIA)
    done = [words(call.feed(Pressed(key))) for key in "*12345#67890D"]
    assert done == [["silence", "timer 20"]] * 13
    assert words(call.feed(Pressed("1"))) == ["timer off", f"look up {CODE}"]
