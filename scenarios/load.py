"""From a file to a `Scenario`, or to everything that is wrong with the file, each with line and column."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from scenarios.explain import explained
from scenarios.model import Scenario
from scenarios.names import check_names
from scenarios.problems import InvalidScenarios, Problem
from scenarios.source import Source


def load(path: Path) -> Scenario:
    """The scenario in a file. Raises InvalidScenarios with all its problems, OSError for what cannot be opened."""
    return understand(Source.read(path))


def load_all(paths: Iterable[Path]) -> dict[Path, Scenario]:
    """The scenarios of all files, in order; InvalidScenarios has the problems of all of them."""
    scenarios: dict[Path, Scenario] = {}
    problems: list[Problem] = []
    for path in paths:
        try:
            scenarios[path] = load(path)
        except InvalidScenarios as wrong:
            problems.extend(wrong.problems)
    if problems:
        raise InvalidScenarios(problems)
    return scenarios


def understand(source: Source) -> Scenario:
    """The scenario in a source that is read already."""
    try:
        scenario = Scenario.model_validate(source.tree)
    except ValidationError as wrong:
        raise InvalidScenarios(explained(source, Scenario, wrong)) from None
    problems = list(check_names(source, scenario))
    if problems:
        raise InvalidScenarios(problems)
    return scenario
