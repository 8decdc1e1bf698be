"""Which scenario files are meant: files as they are, and folders with everything below them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scenarios.load import understand
from scenarios.model import Scenario
from scenarios.problems import InvalidScenarios, Place, Problem, ScenarioError, nearest_word
from scenarios.source import Source

SUFFIXES = (".yaml", ".yml")


class NoScenarios(ScenarioError):
    """A path with nothing to run. The text says what is there instead."""


@dataclass(frozen=True, slots=True)
class ScenarioFile:
    """A scenario, where it came from, and where each of its steps stands."""

    path: Path
    scenario: Scenario
    steps: tuple[Place, ...]

    @classmethod
    def read(cls, path: Path) -> ScenarioFile:
        """Raises InvalidScenarios with all problems of the file."""
        try:
            source = Source.read(path)
        except OSError as wrong:
            raise InvalidScenarios([Problem(path, None, "", f"cannot be read: {wrong.strerror}")]) from None
        scenario = understand(source)
        places = (source.place(("steps", index)) for index in range(len(scenario.steps)))
        return cls(path, scenario, tuple(place or Place(1, 1) for place in places))

    @property
    def name(self) -> str:
        """`folder/file` without the suffix, for reports."""
        return f"{self.path.parent.name}/{self.path.stem}" if self.path.parent.name else self.path.stem

    def matches(self, word: str) -> bool:
        """Whether the path or the title has the word in it, in any case."""
        return word.lower() in f"{self.path} {self.scenario.title}".lower()


def find(paths: Sequence[Path]) -> list[Path]:
    """All scenario files that are meant, each once, in the order of the paths and sorted within a folder.

    Raises NoScenarios for a path that does not exist, is no scenario file, or is a folder without any.
    """
    found: dict[Path, None] = {}
    for path in paths:
        found |= dict.fromkeys(_in_folder(path) if path.is_dir() else [_file(path)])
    return list(found)


def read_all(paths: Sequence[Path]) -> list[ScenarioFile]:
    """All files, in order; InvalidScenarios has the problems of all of them."""
    files: list[ScenarioFile] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            files.append(ScenarioFile.read(path))
        except InvalidScenarios as wrong:
            problems.extend(wrong.problems)
    if problems:
        raise InvalidScenarios(problems)
    return files


def _in_folder(folder: Path) -> list[Path]:
    files = sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file())
    if not files:
        raise NoScenarios(f"{folder}: there is no scenario file in this folder or below it (*.yaml)")
    return files


def _file(path: Path) -> Path:
    if not path.exists():
        neighbours = [each.name for each in path.parent.iterdir()] if path.parent.is_dir() else []
        near = nearest_word(path.name, neighbours)
        hint = f"; did you mean {path.parent / near}?" if near else ""
        raise NoScenarios(f"{path}: there is no such file or folder{hint}")
    if path.suffix not in SUFFIXES:
        raise NoScenarios(f"{path}: a scenario file ends in .yaml")
    return path
