"""The positions in the steps of a persona that the far end of one call has reached, and waits that match them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from simulator.compared_field import ComparedField
from simulator.differences import MISSING, Difference, because, differing, nearest_miss
from simulator.patterns import as_pattern

Compare = Callable[[Mapping[str, Any]], Sequence[Difference]]
"""What differs between the fields of a position and what a wait expects."""


@dataclass(frozen=True, slots=True)
class Position:
    """What the far end does from a moment on, or what has happened at a moment, and where in its menus that is."""

    text: str
    """What it does or what has happened, in words: `record for at most 60 s`, `menu 'main': 2 chooses 'support'`."""
    step: str | None = None
    """The word of the step that it begins, as in a persona's file, such as `record_s`; None for what has happened."""
    menu: str | None = None
    """The name of the innermost menu that it is in."""
    branch: str | None = None
    """The name of the innermost branch that it is in; the choice of the branch itself has it first."""
    digits: str | None = None
    """The digits that were heard as a choice in the menu."""

    @property
    def fields(self) -> dict[str, str]:
        """The fields that it has, by name."""
        return {name: value for name, value in asdict(self).items() if value is not None}


POSITION_FIELDS = tuple(field.name for field in fields(Position))


class Positions:
    """All positions of one call, oldest first. Waits match them in order, each once."""

    def __init__(self) -> None:
        self.reached: list[Position] = []
        self._matched = 0

    def take(self, compare: Compare) -> Position | None:
        """The first position in which nothing differs, after the one that was taken last; None if there is none yet."""
        for index in range(self._matched, len(self.reached)):
            if not compare(self.reached[index].fields):
                self._matched = index + 1
                return self.reached[index]
        return None

    def miss(self, compare: Compare) -> tuple[str | None, str | None, list[ComparedField]]:
        """The nearest position that could not be taken, and what differs in it, for the error of a wait."""
        if any(not compare(each.fields) for each in self.reached[: self._matched]):
            earlier = "it was there before the position that an earlier wait matched"
            return self.reached[self._matched - 1].text, earlier, []
        nearest = nearest_miss(self.reached[self._matched :], lambda each: compare(each.fields))
        wrong = [] if nearest is None else compare(nearest.fields)
        return None if nearest is None else nearest.text, because(wrong), differing(wrong)


def comparing(wanted: Mapping[str, str]) -> Compare:
    """Compares each field of a position with a text, or with a `/pattern/`, `/pattern/i` in any case."""

    def agrees(value: Any, text: str) -> bool:
        pattern = as_pattern(text)
        return value is not MISSING and (pattern.is_in(value) if pattern else value == text)

    return lambda fields: [
        Difference(name, text, fields.get(name, MISSING))
        for name, text in wanted.items()
        if not agrees(fields.get(name, MISSING), text)
    ]
