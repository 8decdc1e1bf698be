"""What can be wrong with a scenario file, and what can go wrong in a scenario.

ScenarioError
└── InvalidScenarios     files that cannot be used; `problems` says where and why

A step that does not go as written raises `simulator.errors.ExpectationFailed`, or what the verb behind it raises.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

_SHORT_LIST = 16
"""Words that are listed beside a near one; with more than that the near one says enough."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A spot in a file; lines and columns count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a file. `field` is the way to it, such as `steps[2].within_ms`."""

    file: Path
    place: Place | None
    field: str
    text: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.place.line}:{self.place.column}" if self.place else str(self.file)
        return f"{where}: {self.field}: {self.text}" if self.field else f"{where}: {self.text}"


class ScenarioError(Exception):
    """Base of all errors of this package."""


class InvalidScenarios(ScenarioError, ValueError):
    """Files that cannot be used. One line each, `file:line:column: field: what is wrong`."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, problems)))


def nearest_word(word: str, words: Iterable[str]) -> str | None:
    """The one of `words` that `word` was most likely meant to be."""
    by_lower = {each.lower(): each for each in words}
    close = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[close[0]] if close else None


def instead(word: str, words: Iterable[str], *, label: str = "allowed") -> str:
    """`; did you mean 'x'? Allowed: x, y`, or `; allowed: x, y` when no word is near."""
    known = list(words)
    rest = f"{label}: {listed(known, last='and') or 'nothing'}"
    nearest = nearest_word(word, known)
    if nearest and len(known) > _SHORT_LIST:
        return f"; did you mean {nearest!r}?"
    return f"; did you mean {nearest!r}? {rest[0].upper()}{rest[1:]}" if nearest else f"; {rest}"


def listed(words: Iterable[str], *, last: str = "or") -> str:
    """`a, b or c`."""
    all_words = list(words)
    if len(all_words) < 2:
        return "".join(all_words)
    return f"{', '.join(all_words[:-1])} {last} {all_words[-1]}"
