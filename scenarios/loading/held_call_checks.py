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
    holding: dict[str, bool] = {}
    """Whether it holds with music, by phone."""
    for index, step in enumerate(scenario.steps if scenario.room is not None else ()):
        match step:
            case CallAction(do="hold"):
                holding[step.phone] = step.music
            case CallAction() | Dial():
                holding.pop(step.phone, None)
            case Hum() | Say() | Play() if step.phone in holding:
                with_music = holding[step.phone]
                way_out = "" if with_music else ", or let it hold with `music: true`, which the room hears"
                text = (
                    f"{step.phone} holds its call{' with music' if with_music else ''}, so this sound waits until it "
                    f"resumes; resume the call first{way_out}"
                )
                path = ("steps", index)
                yield Problem(source.path, source.location(path), path_text(path), text)
            case _:
                pass
