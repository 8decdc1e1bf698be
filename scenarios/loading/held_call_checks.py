"""Finds sound that nobody can hear, because the phone that sends it holds its call."""

from __future__ import annotations

from collections.abc import Iterator

from scenarios.loading.problems import Problem
from scenarios.loading.yaml_source import YamlSource
from scenarios.scenario import Scenario
from scenarios.steps.phone import CallAction, Dial
from scenarios.steps.sound import Hum, Play, Say


def check_held_calls(source: YamlSource, scenario: Scenario) -> Iterator[Problem]:
    """Report each sound that a phone sends between `do: hold` and `do: resume`; calls without Daily are not judged."""
    holding: set[str] = set()
    for path, step in scenario.all_steps() if scenario.room is not None else ():
        match step:
            case CallAction(do="hold"):
                holding.add(step.phone)
            case CallAction() | Dial():
                holding.discard(step.phone)
            case Hum() | Say() | Play() if step.phone in holding:
                text = (
                    f"{step.phone} holds its call, and a room hears nothing of a call on hold, no music either; "
                    "resume the call first, or expect silence"
                )
                yield source.problem(path, text)
            case _:
                pass
