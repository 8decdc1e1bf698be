"""The events that a telephone-event format lists, and digits that are none of them (RFC 4733 §2.4.1)."""

from __future__ import annotations

import pytest

from simulator.sdp.telephone_events import DEFAULT_EVENTS, events_text, find_unlisted, parse_events


@pytest.mark.parametrize(
    ("fmtp", "events"),
    [
        ("0-15", set(range(16))),
        ("0-11,16", {*range(12), 16}),
        ("1, 3,5-6", {1, 3, 5, 6}),
        ("events=0-2", {0, 1, 2}),
        ("", DEFAULT_EVENTS),
        ("x", DEFAULT_EVENTS),
        ("0-x,4", {4}),
        ("256,9999999999,7", {7}),
        ("5-3", DEFAULT_EVENTS),
    ],
)
def test_lists_are_read(fmtp: str, events: set[int]) -> None:
    assert parse_events(fmtp) == events


@pytest.mark.parametrize(
    ("events", "text"), [(range(16), "0-15"), ([3, 1, 2, 7], "1-3,7"), ([0, 2, 4], "0,2,4"), ([], "")]
)
def test_lists_are_written_as_ranges(events: list[int], text: str) -> None:
    assert events_text(events) == text


@pytest.mark.parametrize(
    ("digits", "listed", "unlisted"),
    [
        ("123#", "0-15", None),
        ("12A", "0-11", "A"),
        ("1*2", "0-9", "*"),
        ("1,1", "1", None),
        ("ABCD", "", None),
    ],
)
def test_the_first_digit_that_is_not_listed(digits: str, listed: str, unlisted: str | None) -> None:
    assert find_unlisted(digits, listed) == unlisted
