"""Problems of scenario files, each with its location.

ScenarioError
├── InvalidScenarios     invalid files; `problems` has the locations and reasons
└── NoScenarios          a path without scenario files

A failing step raises `simulator.errors.ExpectationFailed`, or the error of the operation that it performs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A position in a file; line and column count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of a file. `field` is the path to the value, such as `steps[2].within_ms`; empty for the whole file."""

    file: Path
    location: Location | None
    field: str
    text: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.location.line}:{self.location.column}" if self.location else str(self.file)
        return f"{where}: {self.field}: {self.text}" if self.field else f"{where}: {self.text}"


class ScenarioError(Exception):
    """Base of all errors of this package."""


class InvalidScenarios(ScenarioError, ValueError):
    """Scenario files are invalid. The text has a line for each problem: `file:line:column: field: what is wrong`."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, problems)))


class NoScenarios(ScenarioError):
    """A path leads to no scenario file; the text says why."""
