"""Patterns between slashes: what they match, what is refused, and that none stops the server."""

from __future__ import annotations

import pytest

from simulator.errors import ConfigurationError
from simulator.patterns import as_pattern


@pytest.mark.parametrize(
    ("written", "text", "found"),
    [
        ("/bus./", "486 Busy Here", False),
        ("/bus./i", "486 Busy Here", True),
        ("/^486 /", "486 Busy Here", True),
        (r"/\d{3} B/", "486 Busy Here", True),
        ("/Zürich/i", "in ZÜRICH", True),
        ("/a/b/", "a/b", True),
        ("//", "anything", True),
    ],
)
def test_patterns_match_anywhere(written: str, text: str, found: bool) -> None:
    pattern = as_pattern(written)
    assert pattern is not None
    assert pattern.is_in(text) == found
    assert str(pattern) == written


@pytest.mark.parametrize("text", ["busy", "/busy", "busy/", "/", "/busy/x", ""])
def test_other_texts_are_no_patterns(text: str) -> None:
    assert as_pattern(text) is None


@pytest.mark.parametrize(
    ("written", "allowed"),
    [
        ("/bus(y/", "missing )"),
        ("/a(?=b)/", "without look-around"),
        ("/(?<!a)b/", "without look-around"),
        (r"/(a)\1/", "without back-references"),
        ("/(?P<x>a)(?P=x)/", "without back-references"),
        ("/a*+/", "bad repetition operator"),
    ],
)
def test_unusable_patterns_are_refused_with_the_alternative(written: str, allowed: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        as_pattern(written)
    assert allowed in refused.value.allowed
    assert written == refused.value.value


@pytest.mark.parametrize("written", ["/^(a+)+$/", "/^(a|a)*$/", "/(x+x+)+y/", "/(.*a){20}/"])
@pytest.mark.timeout(5)
def test_no_pattern_backtracks(written: str) -> None:
    pattern = as_pattern(written)
    assert pattern is not None
    assert not pattern.is_in("a" * 10 + "x" * 100_000 + "!")
