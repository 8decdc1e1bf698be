"""The positions of a far end: waits match them in order, each once, and say which one came nearest."""

from __future__ import annotations

import pytest

from simulator.personas.positions import Position, Positions, comparing

PROMPT = Position("say “Choose.”", step="menu", menu="main")
CHOICE = Position("menu 'main': 2 chooses 'support'", menu="main", branch="support", digits="2")
RECORDS = Position("record for at most 60 s", step="record_s", menu="main", branch="support")


@pytest.fixture
def positions() -> Positions:
    positions = Positions()
    positions.reached += [PROMPT, CHOICE, RECORDS]
    return positions


def test_each_position_is_matched_once_and_in_order(positions: Positions) -> None:
    in_branch = comparing({"branch": "support"})
    assert [positions.take(in_branch) for _ in range(3)] == [CHOICE, RECORDS, None]


def test_a_text_may_be_a_pattern(positions: Positions) -> None:
    assert positions.take(comparing({"text": "/AT MOST/i", "step": "record_s"})) is RECORDS


def test_the_nearest_position_is_named_with_what_differs(positions: Positions) -> None:
    assert positions.miss(comparing({"menu": "main", "branch": "sales"}))[:2] == (
        RECORDS.text,
        "branch: support, expected sales",
    )
    assert positions.miss(comparing({"menu": "main", "digits": "1"}))[:2] == (
        RECORDS.text,
        "digits: absent, expected 1",
    )


def test_a_position_that_was_passed_is_said_to_be(positions: Positions) -> None:
    positions.take(comparing({"step": "record_s"}))
    nearest, because, _ = positions.miss(comparing({"digits": "2"}))
    assert (nearest, because) == (RECORDS.text, "it was there before the position that an earlier wait matched")


def test_without_positions_there_is_no_nearest_one() -> None:
    assert Positions().miss(comparing({"branch": "sales"})) == (None, None, [])
