"""Checks that the programs under test exist, and that steps and programs fit together."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from scenarios.language.suggestions import suggestion
from scenarios.loading.problems import Problem
from scenarios.loading.yaml_source import FieldPath, YamlSource
from scenarios.program_spec import ProgramSpec
from scenarios.scenario import Scenario
from scenarios.scenario_setup import DEFAULT_CLIENT
from scenarios.steps.base import Step
from scenarios.steps.client import ClientStep
from scenarios.steps.expect_request import ExpectRequest, ExpectWebhook
from scenarios.steps.program import ProgramStep
from scenarios.steps.sound import SoundStep

_USUAL = ("python", "python3", "node", "npx", "npm", "bash", "sh", "uv", "deno", "bun", "java", "go", "ruby", "$python")
"""Programs that a misspelt name is compared with."""


def check_programs(source: YamlSource, scenario: Scenario) -> Iterator[Problem]:
    """Report programs that do not exist, requests of a client that is a program, and expectations without a program."""
    for name, program in scenario.all_programs.items():
        path: FieldPath = (DEFAULT_CLIENT,) if name == DEFAULT_CLIENT else ("programs", name)
        if text := _why_missing(program, source.path.parent):
            yield source.problem((*path, "command"), text)
    for step_path, step in scenario.all_steps():
        for word, name in _named_programs(step):
            if name not in scenario.all_programs:
                hint = suggestion(name, scenario.all_programs, label="programs")
                yield source.problem((*step_path, word), f"there is no program {name!r}{hint}")
        if isinstance(step, ClientStep) and step.by in scenario.all_programs:
            yield source.problem(
                (*step_path, "client"),
                f"{step.by!r} is a program, which decides itself what to request; write "
                f"`expect: {source.value_at((*step_path, 'client'))}`, or let one of `clients` request it: `by: …`",
            )
        if isinstance(step, ExpectRequest | ExpectWebhook) and not scenario.all_programs:
            yield source.problem(
                (*step_path, "expect"),
                f"there is no program under test; give `client` a `command`, or expect an event, not {_shown(step)}",
            )


def _named_programs(step: Step) -> Iterator[tuple[str, str]]:
    """The words of a step that name a program, each with the name."""
    if isinstance(step, ProgramStep):
        yield "program", step.program
    if isinstance(step, SoundStep) and step.hears_from is not None:
        yield "hears_from", step.hears_from
    if isinstance(step, ExpectRequest) and step.by is not None:
        yield "by", step.by


def _shown(step: ExpectRequest | ExpectWebhook) -> str:
    return f"the request {step.expect!r}" if isinstance(step, ExpectRequest) else "an answer to a webhook"


def _why_missing(program: ProgramSpec, folder: Path) -> str | None:
    """Why the program cannot be started; None if it can, or if only the run can tell."""
    word, cwd = program.command[0], program.cwd or "."
    path = program.env.get("PATH", os.environ.get("PATH", os.defpath))
    place = folder / cwd
    if "$" not in cwd and not place.is_dir():
        return f"there is no folder {str(place)!r} to run in; `cwd` starts at the folder of this file"
    if "$" in word or "$" in cwd or "$" in path:
        return None
    if os.sep in word:
        return _why_not_executable(place / word)
    if shutil.which(word, path=path) is not None:
        return None
    if word in ("python", "python3"):
        return f"there is no program {word!r} on PATH; `$python` is {sys.executable}"
    return f"there is no program {word!r} on PATH{suggestion(word, _USUAL, label='for example')}"


def _why_not_executable(file: Path) -> str | None:
    if not file.exists():
        return f"there is no program {str(file)!r}; a path starts at `cwd`, by default the folder of this file"
    return None if os.access(file, os.X_OK) else f"{str(file)!r} is not executable; run it with its interpreter"
