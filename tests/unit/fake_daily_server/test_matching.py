from __future__ import annotations

import re
from typing import Any

import pytest

from fake_daily_server.handles import matching

EVENT = {"action": "dialout-error", "sessionId": "s", "details": {"destination": "+1"}, "errorMsg": "486 Busy"}


@pytest.mark.parametrize(
    ("where", "fits"),
    [
        ({}, True),
        ({"sessionId": "s"}, True),
        ({"sessionId": "t"}, False),
        ({"details.destination": "+1"}, True),
        ({"details.destination.x": "+1"}, False),
        ({"errorMsg": re.compile("busy", re.IGNORECASE)}, True),
        ({"details": re.compile("busy")}, False),
        ({"errorMsg": lambda text: text.startswith("486")}, True),
        ({"nothing": None}, False),
    ],
)
def test_fits(where: dict[str, Any], fits: bool) -> None:
    assert matching.fits(EVENT, "dialout-error", where) is fits
    assert not matching.fits(EVENT, "dialout-answered", where)


def test_in_order_with_others_between() -> None:
    def same(item: str, name: str) -> bool:
        return item == name

    assert matching.first_in_order("axbxc", list("abc"), same) == list("abc")
    assert matching.first_in_order("bac", list("abc"), same) is None
    assert matching.first_missing("axc", list("abc"), same) == 1
    assert matching.first_missing("", list("abc"), same) == 0
    assert matching.first_missing("abx", list("abc"), same) == 2


def test_the_same_name_is_nearest_then_the_same_fields_then_a_similar_name() -> None:
    where = {"sessionId": "s", "errorMsg": "no"}
    same_name = matching.similarity({"action": "dialout-answered"}, "dialout-answered", where)
    same_session = matching.similarity(EVENT, "dialout-answered", where)
    similar = matching.similarity({"action": "dialout-error"}, "dialout-answered", where)
    unlike = matching.similarity({"action": "left-meeting"}, "dialout-answered", where)
    assert same_name > same_session > similar > unlike
    assert unlike < matching.SIMILAR


def test_events_in_one_line() -> None:
    assert matching.describe({"action": "left-meeting", "callClientId": "1"}) == "left-meeting"
    person = {"action": "participant-joined", "participant": {"session_id": "s", "user_name": "Bob"}}
    assert matching.describe(person) == "participant-joined  {participant: Bob}"
    long = matching.describe({"action": "app-message", "data": "x" * 500})
    assert len(long) < 100
    assert matching.conditions({"errorMsg": re.compile("busy"), "n": 3}) == "  {errorMsg: /busy/, n: 3}"
    assert matching.conditions({"errorMsg": re.compile("busy", re.IGNORECASE)}) == "  {errorMsg: /busy/i}"
