from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.values import MISSING, Exactly, check_text, differences, is_so, shown


@pytest.mark.parametrize(
    ("wanted", "actual"),
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
def test_is_so(wanted: Any, actual: Any) -> None:
    assert is_so(wanted, actual)


@pytest.mark.parametrize(
    ("wanted", "actual"),
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
def test_is_not_so(wanted: Any, actual: Any) -> None:
    assert not is_so(wanted, actual)


def test_fields_that_are_not_named_are_left_alone() -> None:
    assert differences({"a": "1"}, {"a": 1, "b": 2}) == []


def test_a_dotted_name_reaches_inside() -> None:
    event = {"participant": {"user_name": "Mary", "tracks": {"audio": {"state": "playable"}}}}
    assert differences({"participant.user_name": "Mary"}, event) == []
    assert differences({"participant": {"tracks.audio": {"state": "/play/"}}}, event) == []


def test_a_difference_names_the_field_and_both_values() -> None:
    found = differences({"details": {"sipHeaders": {"X-A": "1", "X-B": "absent"}}}, {"details": {"sipHeaders": {}}})
    assert list(map(str, found)) == ["details.sipHeaders.X-A: absent, wanted 1"]


def test_lists_are_compared_item_by_item() -> None:
    assert differences({"a": ["1", "/x/"]}, {"a": [1, "axe"]}) == []
    assert list(map(str, differences({"a": ["1", "2"]}, {"a": [1, 3]}))) == ["a[2]: 3, wanted 2"]
    assert list(map(str, differences({"a": ["1"]}, {"a": [1, 3]}))) == ["a: [1, 3], wanted [1]"]


def test_sip_header_names_match_in_any_case() -> None:
    assert differences({"headers": {"x-tenant": "acme"}}, {"headers": {"X-Tenant": "acme"}}, any_case=True) == []
    assert differences({"x-tenant": "acme"}, {"X-Tenant": "acme"}) != []


def test_a_broken_pattern_is_refused_with_its_reason() -> None:
    with pytest.raises(ValueError, match="not a regular expression: missing \\)"):
        check_text("/bus(y/")


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_text_after_an_equals_sign_is_that_text_and_no_other(text: str, other: str) -> None:
    assert is_so(f"={text}", text)
    assert is_so(f"={text}", other) == (text == other)


@given(st.integers(0, 10_000), st.integers(0, 500), st.integers(-1000, 1000))
def test_tolerance_is_symmetric_and_includes_its_ends(value: int, margin: int, off: int) -> None:
    assert is_so(f"{value}±{margin}", value + off) == (abs(off) <= margin)


def test_values_are_shown_as_a_file_has_them() -> None:
    assert shown({"a": True, "b": None, "c": [1, "x"], "d": MISSING, "e": ""}) == (
        "{a: true, b: null, c: [1, x], d: absent, e: ''}"
    )


@given(st.text(max_size=30), st.text(max_size=30))
def test_what_was_saved_is_compared_as_it_is(text: str, other: str) -> None:
    assert is_so(Exactly(text), text)
    assert is_so(Exactly(text), other) == (text == other)


@pytest.mark.parametrize("text", ["absent", "present", "/./", "1±1", "=x"])
def test_what_was_saved_is_no_pattern(text: str) -> None:
    assert is_so(Exactly(text), text)
    assert not is_so(Exactly(text), "x")
    assert not is_so(Exactly(text), MISSING)
