"""Does an event fit what somebody waits for, and if none does, which came nearest."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

T = TypeVar("T")

_LONGEST = 60
ALIKE = 0.6
"""Below this `likeness`, an event has nothing to do with what was wanted."""
_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE}
_UNTOLD = ("action", "callClientId", "participants", "actionTraceId", "provider")


def fits(event: Mapping[str, Any], name: str, where: Mapping[str, Any]) -> bool:
    """Whether the event has this name and all the fields."""
    return event.get("action") == name and all(_agrees(event, path, wanted) for path, wanted in where.items())


def likeness(event: Mapping[str, Any], name: str, where: Mapping[str, Any]) -> float:
    """How near an event is to what was wanted: its name counts more than all fields, a similar name below one."""
    agreeing = sum(_agrees(event, path, wanted) for path, wanted in where.items())
    action = str(event.get("action"))
    return agreeing + (len(where) + 1 if action == name else difflib.SequenceMatcher(None, action, name).ratio())


def in_order(items: Iterable[T], names: Sequence[str], fitting: Callable[[T, str], bool]) -> list[T] | None:
    """The first items that fit the names one after the other, others between them allowed."""
    found: list[T] = []
    for item in items:
        if len(found) < len(names) and fitting(item, names[len(found)]):
            found.append(item)
    return found if len(found) == len(names) else None


def first_missing(items: Iterable[T], names: Sequence[str], fitting: Callable[[T, str], bool]) -> int:
    """The index of the first name that `in_order` did not find."""
    index = 0
    for item in items:
        if index < len(names) - 1 and fitting(item, names[index]):
            index += 1
    return index


def described(event: Mapping[str, Any]) -> str:
    """An event in one line: its name and the fields worth telling."""
    told = []
    for name, value in event.items():
        if name in _UNTOLD:
            continue
        shown = _person(value) if name == "participant" else value
        text = repr(shown) if isinstance(shown, dict | list) else str(shown)
        told.append(f"{name}: {text if len(text) <= _LONGEST else text[:_LONGEST] + '…'}")
    return f"{event.get('action')}  {{{', '.join(told)}}}" if told else str(event.get("action"))


def conditions(where: Mapping[str, Any]) -> str:
    """The fields asked for, for an error text."""
    if not where:
        return ""
    return "  {" + ", ".join(f"{path}: {_wanted(value)}" for path, value in where.items()) + "}"


def _agrees(event: Mapping[str, Any], path: str, wanted: Any) -> bool:
    value: Any = event
    for step in path.split("."):
        if not isinstance(value, Mapping) or step not in value:
            return False
        value = value[step]
    if isinstance(wanted, re.Pattern):
        return isinstance(value, str) and wanted.search(value) is not None
    if callable(wanted):
        return bool(wanted(value))
    return bool(value == wanted)


def _wanted(value: Any) -> str:
    if isinstance(value, re.Pattern):
        return f"/{value.pattern}/{''.join(letter for letter, flag in _FLAGS.items() if value.flags & flag)}"
    return getattr(value, "__name__", "a predicate") if callable(value) else str(value)


def _person(participant: Any) -> Any:
    if not isinstance(participant, Mapping):
        return participant
    return participant.get("user_name") or participant.get("session_id")
