"""Digits that were heard, compared with those that a wait expects."""

from __future__ import annotations

import pytest

from simulator.differences import because
from simulator.received_digits import HeardDigit, by_method, digits_match, digits_missed, digits_text

ONE = HeardDigit("1", "telephone-event", 100)
TWO = HeardDigit("2", "sip-info", 250)


@pytest.mark.parametrize(
    ("digits", "heard", "matches", "said"),
    [
        ("12", [ONE, TWO], True, None),
        ("1", [ONE, TWO], True, None),
        ("123", [ONE, TWO], None, "digit 3: absent, expected 3"),
        ("12", [], None, "digit 1: absent, expected 1"),
        ("13", [ONE, TWO], False, "digit 2: 2, expected 3"),
    ],
)
def test_each_digit_is_compared(digits: str, heard: list[HeardDigit], matches: bool | None, said: str | None) -> None:
    assert digits_match(digits, heard) is matches
    assert because(digits_missed(digits, heard)) == said


def test_how_a_digit_was_sent_is_one_of_its_fields() -> None:
    compare = by_method("telephone-event")
    assert digits_match("12", [ONE, TWO], compare) is False
    said = because(digits_missed("12", [ONE, TWO], compare))
    assert said == "digit 2 method: sip-info, expected telephone-event"


def test_digits_are_shown_with_how_and_how_long() -> None:
    assert digits_text([ONE, TWO]) == "it heard 1 (telephone-event, 100 ms) 2 (sip-info, 250 ms)"
    assert digits_text([]) == "it heard no digit"
