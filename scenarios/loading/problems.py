"""Problems of scenario files, each with the place in the file.

ScenarioError
├── InvalidScenarios     files that cannot be used; `problems` says where and why
└── NoScenarios          a path without scenario files

A step that fails raises `simulator.errors.ExpectationFailed`, or what the verb behind it raises.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A position in a file; lines and columns count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of a file. `field` is the path to the value, such as `steps[2].within_ms`; empty for the file."""

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
    """Files that cannot be used. The text has one line for each problem: `file:line:column: field: what is wrong`."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, problems)))


class NoScenarios(ScenarioError):
    """A path that has no scenario file. The text says what is there instead."""
