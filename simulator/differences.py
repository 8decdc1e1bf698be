"""What differs between a candidate and what a wait expects, field by field, and which candidate came nearest.

All waits say it in these words: `errorMsg: busy, expected /no answer/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from simulator.compared_field import ComparedField

T = TypeVar("T")

_LONGEST_COMPARED = 300
"""Characters of a value in a comparison."""

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


def compared_fields(
    expected: Mapping[str, Any], found: Any, wrong: Iterable[Difference], *, ignore_case: bool = False
) -> list[ComparedField]:
    """Each field that was expected beside the one that was found, then the other fields that were found.

    Names of `expected` may be dotted paths. With `ignore_case` names are compared without case.
    """
    differing = [difference.field for difference in wrong]
    wanted = {path: value for path, value in _flat(expected) if value != {}}
    rest = dict(_flat(found))
    rows = []
    for path, value in wanted.items():
        names = [name for name in rest if _is_part(name, path, ignore_case=ignore_case)]
        agrees = not any(_is_part(each, path) or _is_part(path, each) for each in differing)
        actual = ", ".join(shown(rest.pop(name)) for name in names) if names else None
        rows.append(ComparedField(path, _brief(shown(value)), actual and _brief(actual), agrees))
    return rows + [ComparedField(path, None, _brief(shown(value)), agrees=True) for path, value in rest.items()]


def differing(differences: Iterable[Difference]) -> list[ComparedField]:
    """A row for each difference, where nothing else is known of what came nearest."""
    return [
        ComparedField(
            each.field,
            shown(each.expected),
            None if each.actual is MISSING else _brief(shown(each.actual)),
            agrees=False,
        )
        for each in differences
    ]


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The fields of a mapping with their dotted paths, those of mappings in it included."""
    if isinstance(value, Mapping) and (value or not path):
        for name, each in value.items():
            yield from _flat(each, f"{path}.{name}" if path else str(name))
    else:
        yield path, value


def _is_part(name: str, path: str, *, ignore_case: bool = False) -> bool:
    """Whether the field `name` is the one at `path`, or is inside of it."""
    if ignore_case:
        name, path = name.lower(), path.lower()
    return name == path or name.startswith((f"{path}.", f"{path}["))


def _brief(text: str) -> str:
    return text if len(text) <= _LONGEST_COMPARED else f"{text[:_LONGEST_COMPARED]}…"


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
