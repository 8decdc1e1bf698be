"""Validates a YAML source as a scenario."""

from __future__ import annotations

from pydantic import ValidationError

from scenarios.loading.cut_off_digits import check_digits_are_whole
from scenarios.loading.held_call_checks import check_held_calls
from scenarios.loading.name_checks import check_names
from scenarios.loading.persona_checks import check_personas
from scenarios.loading.phone_number_checks import check_phone_numbers
from scenarios.loading.problems import InvalidScenarios
from scenarios.loading.program_checks import check_programs
from scenarios.loading.reachability_checks import check_reachability
from scenarios.loading.sound_file_checks import check_sound_files
from scenarios.loading.validation_problems import validation_problems
from scenarios.loading.yaml_source import YamlSource
from scenarios.scenario import Scenario


def load_scenario(source: YamlSource) -> Scenario:
    """Return the scenario in a source. Raises InvalidScenarios with all problems of the source."""
    cut_off = list(check_digits_are_whole(source))
    try:
        scenario = Scenario.model_validate(source.tree)
    except ValidationError as error:
        explained = {problem.field for problem in cut_off}
        others = (each for each in validation_problems(source, Scenario, error) if each.field not in explained)
        raise InvalidScenarios([*cut_off, *others]) from None
    problems = [
        *cut_off,
        *check_names(source, scenario),
        *check_programs(source, scenario),
        *check_sound_files(source, scenario),
        *check_held_calls(source, scenario),
        *check_phone_numbers(source, scenario),
        *check_personas(source, scenario),
    ] or [*check_reachability(source, scenario)]
    if problems:
        raise InvalidScenarios(problems)
    return scenario
