"""What differs between a candidate and what a wait expects, field by field, and which candidate came nearest.

All waits say it in these words: `errorMsg: busy, expected /no answer/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")

MISSING: Any = type("Missing", (), {"__repr__": lambda _: "absent"})()
"""Stands for the actual value of a field that does not exist."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field whose actual value does not match the expected one."""

    field: str
    expected: Any
    actual: Any

    def __str__(self) -> str:
        return f"{self.field}: {shown(self.actual)}, expected {shown(self.expected)}"


def nearest_miss(candidates: Sequence[T], differences: Callable[[T], Iterable[Difference]]) -> T | None:
    """The candidate with the fewest differences, the latest if several are; None without candidates."""
    rated = [(len(list(differences(each))), -index, each) for index, each in enumerate(candidates)]
    return min(rated, key=lambda entry: entry[:2])[2] if rated else None


def because(differences: Iterable[Difference]) -> str | None:
    """All differences in one line, for the reason of a failed wait; None if there is none."""
    return "; ".join(map(str, differences)) or None


def shown(value: Any) -> str:
    """The value as text for messages: texts without quotes, mappings and lists as in YAML."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {shown(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(shown, value)) + "]"
    return repr(value) if value is MISSING or value == "" else as_text(value)


def as_text(value: Any) -> str:
    """A scalar as text, spelled as in a scenario file: `true`, `null`, `12`."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)
