from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.language.comparison import LiteralText, check_text, differences, matches
from simulator.differences import MISSING, shown


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("desk", "desk"),
        ("012", "012"),
        ("200", 200),
        ("200", 200.0),
        ("0.5", 0.5),
        ("true", True),
        ("false", False),
        ("null", None),
        ("/busy/i", "486 Busy Here"),
        ("/^486 /", "486 Busy Here"),
        ("/4\\d\\d/", 486),
        ("200±40", 240),
        ("200±40", "161"),
        ("200 +- 40", 200),
        ("200±10%", 220),
        ("absent", MISSING),
        ("present", ""),
        ("present", None),
        ("=absent", "absent"),
        ("=/busy/", "/busy/"),
        ("==x", "=x"),
        (7, 7),
    ],
)
def test_a_value_matches(expected: Any, actual: Any) -> None:
    assert matches(expected, actual)


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("12", "012"),
        ("desk", "Desk"),
        ("1", True),
        ("200", 201),
        ("/busy/", "486 Busy Here"),
        ("200±40", 241),
        ("200±40", "soon"),
        ("200±10%", 221),
        ("absent", None),
        ("present", MISSING),
        ("desk", MISSING),
        ("/x/", MISSING),
        ("a", ["a"]),
        ("a", {"a": "a"}),
    ],
)
def test_a_value_does_not_match(expected: Any, actual: Any) -> None:
    assert not matches(expected, actual)


def test_fields_that_are_not_expected_are_ignored() -> None:
    assert differences({"a": "1"}, {"a": 1, "b": 2}) == []


def test_a_dotted_name_is_a_field_of_an_inner_mapping() -> None:
    event = {"participant": {"user_name": "Mary", "tracks": {"audio": {"state": "playable"}}}}
    assert differences({"participant.user_name": "Mary"}, event) == []
    assert differences({"participant": {"tracks.audio": {"state": "/play/"}}}, event) == []


def test_a_difference_shows_the_field_and_both_values() -> None:
    found = differences({"details": {"sipHeaders": {"X-A": "1", "X-B": "absent"}}}, {"details": {"sipHeaders": {}}})
    assert list(map(str, found)) == ["details.sipHeaders.X-A: absent, expected 1"]


def test_lists_are_compared_item_by_item() -> None:
    assert differences({"a": ["1", "/x/"]}, {"a": [1, "axe"]}) == []
    assert list(map(str, differences({"a": ["1", "2"]}, {"a": [1, 3]}))) == ["a[2]: 3, expected 2"]
    assert list(map(str, differences({"a": ["1"]}, {"a": [1, 3]}))) == ["a: [1, 3], expected [1]"]


def test_names_of_header_fields_match_in_any_case() -> None:
    assert differences({"headers": {"x-tenant": "acme"}}, {"headers": {"X-Tenant": "acme"}}, ignore_case=True) == []
    assert differences({"x-tenant": "acme"}, {"X-Tenant": "acme"}) != []


def test_an_invalid_regular_expression_is_refused_with_the_reason() -> None:
    with pytest.raises(ValueError, match=r"a regular expression \(missing \)"):
        check_text("/bus(y/")


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_text_after_an_equals_sign_matches_only_literally(text: str, other: str) -> None:
    assert matches(f"={text}", text)
    assert matches(f"={text}", other) == (text == other)


@given(st.integers(0, 10_000), st.integers(0, 500), st.integers(-1000, 1000))
def test_a_tolerance_is_symmetric_and_includes_its_limits(value: int, margin: int, off: int) -> None:
    assert matches(f"{value}±{margin}", value + off) == (abs(off) <= margin)


def test_values_are_shown_as_in_a_scenario_file() -> None:
    assert shown({"a": True, "b": None, "c": [1, "x"], "d": MISSING, "e": ""}) == (
        "{a: true, b: null, c: [1, x], d: absent, e: ''}"
    )


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_literal_text_matches_only_itself(text: str, other: str) -> None:
    assert matches(LiteralText(text), text)
    assert matches(LiteralText(text), other) == (text == other)


@pytest.mark.parametrize("text", ["absent", "present", "/./", "1±1", "=x"])
def test_a_literal_text_is_not_a_pattern(text: str) -> None:
    assert matches(LiteralText(text), text)
    assert not matches(LiteralText(text), "x")
    assert not matches(LiteralText(text), MISSING)
