"""Validates a YAML source as a scenario."""

from __future__ import annotations

from pydantic import ValidationError

from scenarios.loading.name_checks import check_names
from scenarios.loading.problems import InvalidScenarios
from scenarios.loading.validation_problems import validation_problems
from scenarios.loading.yaml_source import YamlSource
from scenarios.scenario import Scenario


def load_scenario(source: YamlSource) -> Scenario:
    """Return the scenario in a source. Raises InvalidScenarios with all problems of the source."""
    try:
        scenario = Scenario.model_validate(source.tree)
    except ValidationError as error:
        raise InvalidScenarios(validation_problems(source, Scenario, error)) from None
    problems = list(check_names(source, scenario))
    if problems:
        raise InvalidScenarios(problems)
    return scenario
