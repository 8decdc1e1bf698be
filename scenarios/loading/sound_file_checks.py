"""Checks that the sound files named in the steps of a scenario exist."""

from __future__ import annotations

from collections.abc import Iterator

from scenarios.loading.problems import Problem
from scenarios.loading.yaml_source import YamlSource
from scenarios.scenario import Scenario
from scenarios.steps.sound import Play


def check_sound_files(source: YamlSource, scenario: Scenario) -> Iterator[Problem]:
    """Report each sound file that is missing. Relative paths start at the folder of the scenario file."""
    for step_path, step in scenario.all_steps():
        if not isinstance(step, Play) or (source.path.parent / step.play).is_file():
            continue
        path = (*step_path, "play")
        text = f"there is no file {str(source.path.parent / step.play)!r}; name a WAV file (16-bit PCM)"
        yield source.problem(path, text)
