"""Every state of a transfer and of a REFER against every input."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fake_daily_server.telephony import refer, transfer
from fake_daily_server.telephony.inputs import (
    Asked,
    CallerOver,
    ReferFailed,
    ReferInput,
    ReferNews,
    StopRequested,
    TargetAnswered,
    TargetDialled,
    TargetOver,
    TransferInput,
)
from fake_daily_server.telephony.refer import Refer, ReferState
from fake_daily_server.telephony.transfer import Transfer, TransferRules, TransferState
from tests.unit.telephony.words import words

T = TransferState
R = ReferState

BUSY = TargetOver("486 Busy Here (busy)")
RETURNS = TransferRules("return")

TRANSFER_SAMPLES: tuple[TransferInput, ...] = (
    Asked(),
    TargetDialled(),
    TargetAnswered(),
    BUSY,
    CallerOver(),
    StopRequested(),
)
TRANSFER_ROAD: dict[TransferState, tuple[TransferInput, ...]] = {
    T.NEW: (),
    T.TRIGGERED: (Asked(),),
    T.INITIATED: (Asked(), TargetDialled()),
    T.CONNECTED: (Asked(), TargetDialled(), TargetAnswered()),
    T.ENDING: (Asked(), TargetDialled(), StopRequested()),
    T.DONE: (Asked(), BUSY),
}
BOTH = ["hang up target", "hang up caller"]
TRANSFER_EXPECTED: dict[tuple[TransferState, TransferInput], tuple[TransferState, list[str]]] = {
    (T.NEW, Asked()): (T.TRIGGERED, ["calltransfer.triggered", "dial target"]),
    (T.TRIGGERED, TargetDialled()): (T.INITIATED, ["take", "calltransfer.initiated"]),
    (T.TRIGGERED, BUSY): (T.DONE, ["fail 486 Busy Here (busy)", "release"]),
    (T.TRIGGERED, CallerOver()): (T.ENDING, ["fail the call has ended", "hang up target"]),
    (T.TRIGGERED, StopRequested()): (T.ENDING, ["fail the server is being reset", *BOTH]),
    (T.INITIATED, TargetAnswered()): (T.CONNECTED, ["connect", "calltransfer.answered"]),
    (T.INITIATED, BUSY): (T.ENDING, ["hang up caller"]),
    (T.INITIATED, CallerOver()): (T.ENDING, ["hang up target"]),
    (T.INITIATED, StopRequested()): (T.ENDING, BOTH),
    (T.CONNECTED, BUSY): (T.ENDING, ["calltransfer.completed", "hang up caller"]),
    (T.CONNECTED, CallerOver()): (T.ENDING, ["hang up target"]),
    (T.CONNECTED, StopRequested()): (T.ENDING, BOTH),
    (T.ENDING, BUSY): (T.ENDING, []),
    (T.ENDING, CallerOver()): (T.ENDING, []),
}

TRYING = ReferNews(100, "Trying", final=False)
THROUGH = ReferNews(200, "OK", final=True)
REFUSED = ReferNews(603, "Decline", final=True)
REFER_SAMPLES: tuple[ReferInput, ...] = (
    Asked(),
    TRYING,
    THROUGH,
    REFUSED,
    ReferFailed("no answer"),
    CallerOver(),
    StopRequested(),
)
REFER_ROAD: dict[ReferState, tuple[ReferInput, ...]] = {
    R.NEW: (),
    R.TRIGGERED: (Asked(),),
    R.INITIATED: (Asked(), TRYING),
    R.ENDING: (Asked(), THROUGH),
    R.DONE: (Asked(), REFUSED),
}
REFER_EXPECTED: dict[tuple[ReferState, ReferInput], tuple[ReferState, list[str]]] = {
    (R.NEW, Asked()): (R.TRIGGERED, ["calltransfer.triggered", "refer"]),
    (R.TRIGGERED, TRYING): (R.INITIATED, ["take", "calltransfer.initiated"]),
    (R.TRIGGERED, THROUGH): (R.ENDING, ["take", "calltransfer.initiated", "hang up caller"]),
    (R.TRIGGERED, REFUSED): (R.DONE, ["fail the peer refuses to be referred: 603 Decline", "release"]),
    (R.TRIGGERED, ReferFailed("no answer")): (R.DONE, ["fail no answer", "release"]),
    (R.TRIGGERED, CallerOver()): (R.DONE, ["fail the call has ended", "release"]),
    (R.TRIGGERED, StopRequested()): (R.DONE, ["fail the server is being reset", "hang up caller", "release"]),
    (R.INITIATED, TRYING): (R.INITIATED, []),
    (R.INITIATED, THROUGH): (R.ENDING, ["hang up caller"]),
    (R.INITIATED, REFUSED): (R.ENDING, ["hang up caller"]),
    (R.INITIATED, CallerOver()): (R.DONE, ["release"]),
    (R.INITIATED, StopRequested()): (R.ENDING, ["hang up caller"]),
    (R.ENDING, CallerOver()): (R.DONE, ["release"]),
}


def moved(*road: TransferInput, rules: TransferRules | None = None) -> Transfer:
    call = Transfer(rules)
    for fact in road:
        call.feed(fact)
    return call


def referred(*road: ReferInput, rules: TransferRules | None = None) -> Refer:
    call = Refer(rules)
    for fact in road:
        call.feed(fact)
    return call


def test_each_pair_is_handled_or_ignored_and_never_both() -> None:
    transfers = {(state, kind) for state in TransferState for kind in get_args(TransferInput)}
    assert {type(sample) for sample in TRANSFER_SAMPLES} == set(get_args(TransferInput))
    assert set(transfer.TABLE) | set(transfer.IGNORED) == transfers
    assert not set(transfer.TABLE) & set(transfer.IGNORED)
    refers = {(state, kind) for state in ReferState for kind in get_args(ReferInput)}
    assert {type(sample) for sample in REFER_SAMPLES} == set(get_args(ReferInput))
    assert set(refer.TABLE) | set(refer.IGNORED) == refers
    assert not set(refer.TABLE) & set(refer.IGNORED)


def test_the_last_arc_of_each_cell_is_unconditional_and_no_other_is() -> None:
    cells: list[list[object]] = [[arc.when for arc in arcs] for arcs in transfer.TABLE.values()]
    cells += [[arc.when for arc in arcs] for arcs in refer.TABLE.values()]
    for conditions in cells:
        assert [when is None for when in conditions] == [False] * (len(conditions) - 1) + [True]


@pytest.mark.parametrize("state", TransferState)
@pytest.mark.parametrize("fact", TRANSFER_SAMPLES, ids=repr)
def test_what_an_input_does_to_a_transfer(state: TransferState, fact: TransferInput) -> None:
    call = moved(*TRANSFER_ROAD[state])
    assert call.state is state
    to, done = TRANSFER_EXPECTED.get((state, fact), (state, []))
    assert words(call.feed(fact)) == done
    assert call.state is to
    assert ((state, type(fact)) in transfer.TABLE) == ((state, fact) in TRANSFER_EXPECTED)


@pytest.mark.parametrize("state", ReferState)
@pytest.mark.parametrize("fact", REFER_SAMPLES, ids=repr)
def test_what_an_input_does_to_a_refer(state: ReferState, fact: ReferInput) -> None:
    call = referred(*REFER_ROAD[state])
    assert call.state is state
    to, done = REFER_EXPECTED.get((state, fact), (state, []))
    assert words(call.feed(fact)) == done
    assert call.state is to
    assert ((state, type(fact)) in refer.TABLE) == ((state, fact) in REFER_EXPECTED)


def test_a_target_that_hangs_up_completes_the_transfer_and_ends_the_caller() -> None:
    call = moved(*TRANSFER_ROAD[T.CONNECTED])
    assert words(call.feed(TargetOver("hung up"))) == ["calltransfer.completed", "hang up caller"]
    assert words(call.feed(CallerOver())) == ["release"]


def test_a_caller_that_hangs_up_completes_it_once_the_target_is_gone() -> None:
    call = moved(*TRANSFER_ROAD[T.CONNECTED])
    assert words(call.feed(CallerOver())) == ["hang up target"]
    assert words(call.feed(TargetOver("hung up"))) == ["calltransfer.completed", "release"]


def test_a_caller_whose_target_fails_can_come_back() -> None:
    assert words(moved(*TRANSFER_ROAD[T.INITIATED], rules=RETURNS).feed(BUSY)) == ["return", "release"]
    assert words(referred(*REFER_ROAD[R.INITIATED], rules=RETURNS).feed(REFUSED)) == ["return", "release"]
    through = referred(*REFER_ROAD[R.INITIATED], rules=RETURNS)
    assert words(through.feed(THROUGH)) == ["hang up caller"], "what went well never comes back"


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(TRANSFER_SAMPLES), max_size=10), st.sampled_from((None, RETURNS)))
def test_any_transfer(facts: list[TransferInput], rules: TransferRules | None) -> None:
    call = Transfer(rules)
    done = [word for fact in [Asked(), *facts] for word in words(call.feed(fact))]
    steps = [word.partition(".")[2] for word in done if word.startswith("calltransfer.")]
    assert steps == ["triggered", "initiated", "answered", "completed"][: len(steps)]
    assert done.count("take") == done.count("calltransfer.initiated")
    assert done.count("release") == (call.state is T.DONE)
    if call.state is T.DONE and "calltransfer.answered" in done:
        assert "calltransfer.completed" in done
    if any(word.startswith("fail") for word in done):
        assert "take" not in done


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(REFER_SAMPLES), max_size=10), st.sampled_from((None, RETURNS)))
def test_any_refer(facts: list[ReferInput], rules: TransferRules | None) -> None:
    call = Refer(rules)
    done = [word for fact in [Asked(), *facts] for word in words(call.feed(fact))]
    steps = [word.partition(".")[2] for word in done if word.startswith("calltransfer.")]
    assert steps == ["triggered", "initiated"][: len(steps)]
    assert done.count("take") == done.count("calltransfer.initiated")
    assert done.count("release") == (call.state is R.DONE)
