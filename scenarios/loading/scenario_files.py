"""Finds and reads scenario files."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scenarios.language.suggestions import nearest_word
from scenarios.loading.cases import Case, cases_of
from scenarios.loading.includes import with_includes
from scenarios.loading.problems import InvalidScenarios, NoScenarios, Problem
from scenarios.loading.replaced_client import with_client
from scenarios.loading.scenario_loader import load_scenario
from scenarios.loading.yaml_source import FieldPath, YamlSource
from scenarios.scenario import Scenario
from scenarios.scenario_setup import DEFAULT_CLIENT

SUFFIXES = (".yaml", ".yml")
_OF_PERSONA = re.compile(r"^(called|calling)\s*:", re.MULTILINE)
_OF_SCENARIO = re.compile(r"^[\"']?(title|steps)[\"']?\s*:", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ScenarioFile:
    """A scenario, its file, and the places of its steps. A file with `cases` has several."""

    path: Path
    scenario: Scenario
    step_places: tuple[Place, ...]
    program_places: Mapping[str, Place] = field(default_factory=dict)
    """The place of the command of each program under test."""
    case: str | None = None
    """The name of the scenario in its file's `cases`."""

    @classmethod
    def read(cls, path: Path, *, client: str | None = None, case: str | None = None) -> ScenarioFile:
        """Read one scenario of a file: the first one, or the one with this name in `cases`.

        Raises InvalidScenarios with all problems of the file. `client` is the command of a program that takes the
        place of the scenario's client.
        """
        scenarios = cls.read_all(path, client=client)
        return next((each for each in scenarios if each.case == case), scenarios[0])

    @classmethod
    def read_all(cls, path: Path, *, client: str | None = None) -> list[ScenarioFile]:
        """Read all scenarios of a file. Raises InvalidScenarios with all problems of the file."""
        try:
            source = with_includes(YamlSource.read(path))
        except OSError as error:
            raise InvalidScenarios([Problem(path, None, "", f"cannot be read: {error.strerror}")]) from None
        if client is not None:
            source = with_client(source, client)
        files: list[ScenarioFile] = []
        problems: dict[Problem, None] = {}
        for case in cases_of(source):
            try:
                files.append(cls._of_case(case))
            except InvalidScenarios as invalid:
                problems |= dict.fromkeys(invalid.problems)
        if problems:
            raise InvalidScenarios(list(problems))
        return files

    @classmethod
    def _of_case(cls, case: Case) -> ScenarioFile:
        source = case.source
        scenario = load_scenario(source)
        programs = {
            name: _place(source, ("client", "command") if name == DEFAULT_CLIENT else ("programs", name, "command"))
            for name in scenario.all_programs
        }
        steps = tuple(_place(source, ("steps", index)) for index in range(len(scenario.steps)))
        return cls(source.path, scenario, steps, programs, case.name)

    @property
    def name(self) -> str:
        """Name for reports: `folder/file` without the suffix, and the case: `calls/refused[busy]`."""
        return f"{self.path.parent.name}/{self.short_name}" if self.path.parent.name else self.short_name

    @property
    def short_name(self) -> str:
        """The name without the folder."""
        stem = self.path.stem.removesuffix(".scenario")
        return stem if self.case is None else f"{stem}[{self.case}]"

    def matches(self, word: str) -> bool:
        """Whether the path, the case or the title contains the word, ignoring case."""
        return word.lower() in f"{self.path} {self.case or ''} {self.scenario.title}".lower()


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file."""

    file: Path
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def _place(source: YamlSource, path: FieldPath) -> Place:
    location = source.location(path)
    return Place(source.file_of(path), location.line if location else 1)


def find_files(paths: Sequence[Path]) -> list[Path]:
    """The scenario files at and below `paths`: in the order of `paths`, sorted within a folder, each file once.

    In a folder, hidden folders, virtual environments, `node_modules`, files whose names begin with `_`, which others
    include, and YAML files that are no scenarios are skipped.
    Raises NoScenarios if a path does not exist, is not a scenario file, or is a folder without scenario files.
    """
    found: dict[Path, None] = {}
    for path in paths:
        found |= dict.fromkeys(_files_in_folder(path) if path.is_dir() else [_checked_file(path)])
    return list(found)


def read_files(paths: Sequence[Path], *, client: str | None = None) -> tuple[list[ScenarioFile], list[Problem]]:
    """Read the scenarios of the files in order; return those of valid files, and the problems of all others.

    `client` as `ScenarioFile.read` has it.
    """
    files: list[ScenarioFile] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            files += ScenarioFile.read_all(path, client=client)
        except InvalidScenarios as invalid:
            problems.extend(invalid.problems)
    return files, problems


def _files_in_folder(folder: Path) -> list[Path]:
    files: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if _is_searched(Path(place, name))]
        files += (Path(place, name) for name in names if Path(name).suffix in SUFFIXES and name[0] != "_")
    found = sorted(path for path in files if _has_scenario(path))
    if not found:
        raise NoScenarios(f"{folder}: there is no scenario file in this folder or below it (*.yaml, *.yml)")
    return found


def _is_searched(folder: Path) -> bool:
    """Whether a folder may have scenarios of the user: it is not hidden, and holds no installed packages."""
    return not folder.name.startswith(".") and folder.name != "node_modules" and not (folder / "pyvenv.cfg").exists()


def _has_scenario(path: Path) -> bool:
    """Whether a file has `title` or `steps`; other YAML files in a folder are for other programs."""
    try:
        return _OF_SCENARIO.search(path.read_text(encoding="utf-8", errors="replace")) is not None
    except OSError:
        return True  # reading it reports the cause


def _is_persona(path: Path) -> bool:
    return _OF_PERSONA.search(path.read_text(encoding="utf-8", errors="replace")) is not None


def _checked_file(path: Path) -> Path:
    if not path.exists():
        neighbours = [each.name for each in path.parent.iterdir()] if path.parent.is_dir() else []
        near = nearest_word(path.name, neighbours)
        hint = f"; did you mean {path.parent / near}?" if near else ""
        raise NoScenarios(f"{path}: there is no such file or folder{hint}")
    if path.suffix not in SUFFIXES:
        raise NoScenarios(f"{path}: the name of a scenario file ends in .yaml or .yml; rename the file")
    if path.is_file() and not _has_scenario(path) and _is_persona(path):
        raise NoScenarios(
            f"{path}: this is a persona, no scenario; name the scenarios with it, which are checked with it"
        )
    return path
