"""Compares events with what a wait expects, and describes them in one line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from simulator.compared_field import ComparedField
from simulator.differences import MISSING, Difference, compared_fields
from simulator.patterns import Pattern

T = TypeVar("T")

_LONGEST = 60
SIMILAR = 0.6
"""The least `similarity` of an event that an error mentions as the nearest one."""
_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE}
_OMITTED = ("action", "callClientId", "participants", "actionTraceId", "provider")


def fits(event: Mapping[str, Any], name: str, where: Mapping[str, Any]) -> bool:
    """Whether the event has this name, and all fields in `where` match."""
    return event.get("action") == name and all(_agrees(event, path, wanted) for path, wanted in where.items())


def unequal_fields(event: Mapping[str, Any], where: Mapping[str, Any]) -> list[Difference]:
    """The fields of an event that do not match `where`."""
    return [
        Difference(path, _wanted(wanted), _value(event, path))
        for path, wanted in where.items()
        if not _agrees(event, path, wanted)
    ]


def compared(event: Mapping[str, Any], name: str, where: Mapping[str, Any]) -> list[ComparedField]:
    """The fields of the wanted event beside those of an event, for reports."""
    wrong = unequal_fields(event, where)
    if event.get("action") != name:
        wrong.append(Difference("action", name, event.get("action")))
    return compared_fields({"action": name, **{path: _wanted(each) for path, each in where.items()}}, event, wrong)


def similarity(event: Mapping[str, Any], name: str, where: Mapping[str, Any]) -> float:
    """How similar an event is to the wanted one. An equal name outweighs all fields, a similar name not even one."""
    agreeing = sum(_agrees(event, path, wanted) for path, wanted in where.items())
    action = str(event.get("action"))
    return agreeing + (len(where) + 1 if action == name else difflib.SequenceMatcher(None, action, name).ratio())


def first_in_order(items: Iterable[T], names: Sequence[str], fitting: Callable[[T, str], bool]) -> list[T] | None:
    """The first items that fit the names in order, possibly with others between them; None if one is missing."""
    found: list[T] = []
    for item in items:
        if len(found) < len(names) and fitting(item, names[len(found)]):
            found.append(item)
    return found if len(found) == len(names) else None


def first_missing(items: Iterable[T], names: Sequence[str], fitting: Callable[[T, str], bool]) -> int:
    """The index in `names` of the first name for which `first_in_order` finds no item."""
    index = 0
    for item in items:
        if index < len(names) - 1 and fitting(item, names[index]):
            index += 1
    return index


def describe(event: Mapping[str, Any]) -> str:
    """One line about an event: its name and its most informative fields."""
    shown = []
    for name, value in event.items():
        if name in _OMITTED:
            continue
        brief = _participant(value) if name == "participant" else value
        text = repr(brief) if isinstance(brief, dict | list) else str(brief)
        shown.append(f"{name}: {text if len(text) <= _LONGEST else text[:_LONGEST] + '…'}")
    return f"{event.get('action')}  {{{', '.join(shown)}}}" if shown else str(event.get("action"))


def conditions(where: Mapping[str, Any]) -> str:
    """The conditions of `where` in one line, for an error."""
    if not where:
        return ""
    return "  {" + ", ".join(f"{path}: {_wanted(value)}" for path, value in where.items()) + "}"


def _agrees(event: Mapping[str, Any], path: str, wanted: Any) -> bool:
    value = _value(event, path)
    if value is MISSING:
        return False
    if isinstance(wanted, Pattern):
        return isinstance(value, str) and wanted.is_in(value)
    if isinstance(wanted, re.Pattern):
        return isinstance(value, str) and wanted.search(value) is not None
    if callable(wanted):
        return bool(wanted(value))
    return bool(value == wanted)


def _value(event: Mapping[str, Any], path: str) -> Any:
    """The field at a dotted path; MISSING if there is none."""
    value: Any = event
    for step in path.split("."):
        if not isinstance(value, Mapping) or step not in value:
            return MISSING
        value = value[step]
    return value


def _wanted(value: Any) -> str:
    if isinstance(value, re.Pattern):
        return f"/{value.pattern}/{''.join(letter for letter, flag in _FLAGS.items() if value.flags & flag)}"
    return getattr(value, "__name__", "a predicate") if callable(value) else str(value)


def _participant(participant: Any) -> Any:
    if not isinstance(participant, Mapping):
        return participant
    return participant.get("user_name") or participant.get("session_id")
