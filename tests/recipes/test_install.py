"""The lines of docs/install.md install the project, each from nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.recipes.catalogue import INSTALL
from tests.recipes.page import Command, missing_output, steps
from tests.recipes.reader import PROJECT, follow

REMOVE = Command(f"pip uninstall --quiet --yes {PROJECT}")
PAGE = steps(INSTALL)


def test_the_page_shows_a_clone_a_wheel_and_a_git_url() -> None:
    lines = [step.line for step in PAGE if isinstance(step, Command) and step.line.startswith("pip install ")]
    assert [line.removeprefix("pip install ") for line in lines] == [
        f"../{PROJECT}",
        f"../{PROJECT}/dist/daily_telephony_simulator-0.2.0-py3-none-any.whl",
        '"git+$GIT_URL"',
    ]


@pytest.mark.interop("pip")
@pytest.mark.timeout(400)
def test_each_line_installs_the_project(wheels: Path, project: Path) -> None:
    clone = project.parent / PROJECT
    typed = [Command("python3 -m venv .venv && . .venv/bin/activate"), Command(f"export GIT_URL=file://{clone}")]
    for step in PAGE:
        if isinstance(step, Command):
            installs = step.line.startswith("pip install ")
            typed += [REMOVE, step, Command("daily-sim --version")] if installs else [step]
    output = follow(typed, wheels=wheels, folder=project)
    assert missing_output(PAGE, output) == []
    assert output.count("daily-sim, version ") == 4  # after each line, and at the end of the page
