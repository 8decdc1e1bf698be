"""Comparison of actual values with the expected values of a scenario file.

| expected           | matches                                                         |
|--------------------|-----------------------------------------------------------------|
| `text`             | the same text, number, `true`, `false` or `null`                |
| `/pattern/`        | a text with a match of this regular expression; `/…/i`: any case|
| `200±40`, `200±20%`| a number within that tolerance; `+-` is read as `±`             |
| `absent`           | a field that does not exist                                     |
| `present`          | a field that exists, whatever its value                         |
| `=text`            | the literal text, even if it looks like one of the above        |

A mapping matches if all its named fields match; other fields are ignored. Lists match if they have the same length and
match item by item.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from simulator.differences import MISSING, Difference, as_text
from simulator.errors import ConfigurationError
from simulator.patterns import as_pattern

ABSENT = "absent"
PRESENT = "present"

_TOLERANCE = re.compile(r"(?P<value>-?\d+(\.\d+)?)\s*(±|\+-|\+/-)\s*(?P<margin>\d+(\.\d+)?)(?P<percent>%?)")


class LiteralText(str):
    """An expected text that is compared literally, even if it looks like a pattern or a tolerance."""

    __slots__ = ()


def check_text(text: str) -> str:
    """Return `text`, an expected value. Raises ValueError if it is a pattern that cannot be used."""
    try:
        as_pattern(text)
    except ConfigurationError as wrong:
        raise ValueError(f"{wrong}; write {'=' + text!r} for the literal text") from None
    return text


def differences(expected: Any, actual: Any, *, field: str = "", ignore_case: bool = False) -> list[Difference]:
    """The fields of `actual` that do not match `expected`; empty if all match.

    `field` is the path of `actual`, for the differences. With `ignore_case`, field names are compared without case, as
    those of SIP and HTTP headers must be.
    """
    if isinstance(expected, Mapping):
        if not isinstance(actual, Mapping):
            return [Difference(field, expected, actual)]
        return [
            difference
            for name, value in expected.items()
            for difference in differences(
                value,
                _get(actual, name, ignore_case),
                field=f"{field}.{name}" if field else name,
                ignore_case=ignore_case,
            )
        ]
    if isinstance(expected, list | tuple):
        if not isinstance(actual, list | tuple) or len(actual) != len(expected):
            return [Difference(field, expected, actual)]
        return [
            difference
            for index, pair in enumerate(zip(expected, actual, strict=True))
            for difference in differences(*pair, field=f"{field}[{index + 1}]", ignore_case=ignore_case)
        ]
    return [] if matches(expected, actual) else [Difference(field, expected, actual)]


def matches(expected: Any, actual: Any) -> bool:
    """Whether a scalar matches an expected scalar."""
    if not isinstance(expected, str):
        return bool(expected == actual)
    if expected in (ABSENT, PRESENT) and not isinstance(expected, LiteralText):
        return (actual is MISSING) == (expected == ABSENT)
    if actual is MISSING or isinstance(actual, Mapping | list | tuple):
        return False
    return _text_matches(expected, actual)


def _text_matches(expected: str, actual: Any) -> bool:
    if isinstance(expected, LiteralText):
        return _is_literally(expected, actual)
    if pattern := as_pattern(expected):
        return pattern.is_in(as_text(actual))
    if tolerance := _TOLERANCE.fullmatch(expected):
        return _is_within(actual, tolerance)
    return _is_literally(expected.removeprefix("="), actual)


def _is_literally(literal: str, actual: Any) -> bool:
    if isinstance(actual, int | float) and not isinstance(actual, bool):
        return _number(literal) == actual
    return literal == as_text(actual)


def _get(fields: Mapping[str, Any], name: str, ignore_case: bool) -> Any:
    """The field `name`, which may be a dotted path; MISSING if there is none."""
    if name in fields:
        return fields[name]
    if ignore_case:
        return next((value for each, value in fields.items() if each.lower() == name.lower()), MISSING)
    first, dot, rest = name.partition(".")
    if dot and isinstance(inner := fields.get(first), Mapping):
        return _get(inner, rest, ignore_case)
    return MISSING


def _is_within(actual: Any, tolerance: re.Match[str]) -> bool:
    number = _number(as_text(actual))
    value, margin = float(tolerance["value"]), float(tolerance["margin"])
    if tolerance["percent"]:
        margin = abs(value) * margin / 100
    return number is not None and abs(number - value) <= margin


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
