"""Checks that the personas of a scenario's phones exist, and have the parameters that they are given."""

from __future__ import annotations

from collections.abc import Iterator

from scenarios.context.persona_folders import persona_folders
from scenarios.loading.problems import Problem
from scenarios.loading.yaml_source import FieldPath, YamlSource, path_text
from scenarios.scenario import Scenario
from scenarios.steps.phone import ExpectPersona
from simulator.errors import ConfigurationError
from simulator.personas.catalogue import Personas
from simulator.phone_persona import with_persona


def check_personas(source: YamlSource, scenario: Scenario) -> Iterator[Problem]:
    """Report unknown personas and parameters, with the nearest known name, and parameters with unusable values."""
    settings = scenario.settings
    own = settings.personas if settings is not None else ()
    try:
        personas = Personas((*persona_folders(source.path.parent), *own))
    except ConfigurationError as wrong:
        yield _problem(source, ("settings", "personas"), str(wrong))
        return
    for name, phone in scenario.phones.items():
        try:
            with_persona(phone, personas)
        except ConfigurationError as wrong:
            yield _problem(source, _place(source, ("phones", name), wrong.field), str(wrong))
    for path, step in scenario.all_steps():
        if (
            isinstance(step, ExpectPersona)
            and step.phone in scenario.phones
            and not scenario.phones[step.phone].persona
        ):
            text = f"the phone {step.phone!r} has no persona; give it one in `phones`, such as `persona: voicemail`"
            yield _problem(source, (*path, "expect_persona"), text)


def _place(source: YamlSource, phone: FieldPath, field: str) -> FieldPath:
    """The place of a field of a phone: beside `persona`, within `parameters`, or else the phone itself."""
    names = tuple(field.split("."))
    for place in ((*phone, *names[:1]), (*phone, "parameters", *names[:1])):
        if source.value_at(place) is not None:
            return place
    return phone


def _problem(source: YamlSource, path: FieldPath, text: str) -> Problem:
    return Problem(source.path, source.location(path), path_text(path), text)
