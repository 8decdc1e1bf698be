"""What a scenario says about a value, and whether a value is so.

| written            | true of                                                  |
|--------------------|----------------------------------------------------------|
| `text`             | that text, that number, `true`, `false`, `null`          |
| `/pattern/`        | a text with the pattern in it; `/pattern/i` in any case  |
| `200±40`, `200±20%`| a number that near; `+-` is read as `±`                  |
| `absent`           | a field that is not there                                |
| `present`          | a field that is there, whatever it says                  |
| `=text`            | the text itself, when it looks like one of the above     |

In a mapping each named field is compared, the others are left alone. A list is compared item by item.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ABSENT = "absent"
PRESENT = "present"
MISSING: Any = type("Missing", (), {"__repr__": lambda _: "absent"})()
"""Stands for a field that is not there."""

_PATTERN = re.compile(r"/(?P<pattern>.*)/(?P<flags>i?)", re.DOTALL)
_NEAR = re.compile(r"(?P<value>-?\d+(\.\d+)?)\s*(±|\+-|\+/-)\s*(?P<margin>\d+(\.\d+)?)(?P<percent>%?)")


class Exactly(str):
    """A text that is compared as it is, whatever it looks like."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that is not as wanted."""

    field: str
    wanted: Any
    actual: Any

    def __str__(self) -> str:
        return f"{self.field}: {shown(self.actual)}, wanted {shown(self.wanted)}"


def check_text(text: str) -> str:
    """`text` itself if it can be compared with; ValueError for a pattern that is none."""
    if pattern := _PATTERN.fullmatch(text):
        try:
            re.compile(pattern["pattern"])
        except re.error as wrong:
            raise ValueError(f"{text!r} is not a regular expression: {wrong}") from None
    return text


def differences(wanted: Any, actual: Any, *, field: str = "", any_case: bool = False) -> list[Difference]:
    """Where `actual` is not as `wanted`; empty when it is. With `any_case` field names match in any case (SIP)."""
    if isinstance(wanted, Mapping):
        if not isinstance(actual, Mapping):
            return [Difference(field, wanted, actual)]
        return [
            difference
            for name, value in wanted.items()
            for difference in differences(
                value, _get(actual, name, any_case), field=f"{field}.{name}" if field else name, any_case=any_case
            )
        ]
    if isinstance(wanted, list | tuple):
        if not isinstance(actual, list | tuple) or len(actual) != len(wanted):
            return [Difference(field, wanted, actual)]
        return [
            difference
            for index, pair in enumerate(zip(wanted, actual, strict=True))
            for difference in differences(*pair, field=f"{field}[{index + 1}]", any_case=any_case)
        ]
    return [] if is_so(wanted, actual) else [Difference(field, wanted, actual)]


def is_so(wanted: Any, actual: Any) -> bool:
    """Whether the single value `actual` is as `wanted`."""
    if not isinstance(wanted, str):
        return bool(wanted == actual)
    if wanted in (ABSENT, PRESENT) and not isinstance(wanted, Exactly):
        return (actual is MISSING) == (wanted == ABSENT)
    if actual is MISSING or isinstance(actual, Mapping | list | tuple):
        return False
    return _is_like(wanted, actual)


def _is_like(wanted: str, actual: Any) -> bool:
    if isinstance(wanted, Exactly):
        return _is_literally(wanted, actual)
    if pattern := _PATTERN.fullmatch(wanted):
        flags = re.IGNORECASE if pattern["flags"] else 0
        return re.search(pattern["pattern"], as_text(actual), flags) is not None
    if near := _NEAR.fullmatch(wanted):
        return _is_near(actual, near)
    return _is_literally(wanted.removeprefix("="), actual)


def _is_literally(literal: str, actual: Any) -> bool:
    if isinstance(actual, int | float) and not isinstance(actual, bool):
        return _number(literal) == actual
    return literal == as_text(actual)


def shown(value: Any) -> str:
    """A value for a message: texts as they are, the rest as in YAML."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {shown(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(shown, value)) + "]"
    return repr(value) if value is MISSING or value == "" else as_text(value)


def _get(fields: Mapping[str, Any], name: str, any_case: bool) -> Any:
    if name in fields:
        return fields[name]
    if any_case:
        return next((value for each, value in fields.items() if each.lower() == name.lower()), MISSING)
    first, dot, rest = name.partition(".")
    if dot and isinstance(inner := fields.get(first), Mapping):
        return _get(inner, rest, any_case)
    return MISSING


def _is_near(actual: Any, near: re.Match[str]) -> bool:
    number = _number(as_text(actual))
    value, margin = float(near["value"]), float(near["margin"])
    if near["percent"]:
        margin = abs(value) * margin / 100
    return number is not None and abs(number - value) <= margin


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def as_text(value: Any) -> str:
    """A single value as a scenario file writes it."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)
