"""From a source to a `Scenario`, or to everything that is wrong with it, each with line and column."""

from __future__ import annotations

from pydantic import ValidationError

from scenarios.explain import explained
from scenarios.model import Scenario
from scenarios.names import check_names
from scenarios.problems import InvalidScenarios
from scenarios.source import Source


def understand(source: Source) -> Scenario:
    """The scenario in a source. Raises InvalidScenarios with all its problems."""
    try:
        scenario = Scenario.model_validate(source.tree)
    except ValidationError as wrong:
        raise InvalidScenarios(explained(source, Scenario, wrong)) from None
    problems = list(check_names(source, scenario))
    if problems:
        raise InvalidScenarios(problems)
    return scenario
