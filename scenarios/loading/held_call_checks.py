"""Finds sound that nobody hears at that moment, because the phone that sends it holds its call."""

from __future__ import annotations

from collections.abc import Iterator

from scenarios.loading.problems import Problem
from scenarios.loading.yaml_source import YamlSource, path_text
from scenarios.scenario import Scenario
from scenarios.steps.phone import CallAction, Dial
from scenarios.steps.sound import Hum, Play, Say


def check_held_calls(source: YamlSource, scenario: Scenario) -> Iterator[Problem]:
    """Report each sound that a phone sends between `do: hold` and `do: resume`; calls without Daily are not judged."""
    holding: set[str] = set()
    for index, step in enumerate(scenario.steps if scenario.room is not None else ()):
        match step:
            case CallAction(do="hold"):
                holding.add(step.phone)
            case CallAction() | Dial():
                holding.discard(step.phone)
            case Hum() | Say() | Play() if step.phone in holding:
                text = (
                    f"{step.phone} holds its call, so this sound waits until it resumes; resume the call first, or let "
                    "it hold with `music: true`, which the room hears"
                )
                path = ("steps", index)
                yield Problem(source.path, source.location(path), path_text(path), text)
            case _:
                pass
