"""The examples, their copies with a bug, and the failures that docs/programs.md shows."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tests.integration.scenarios.command import ROOT, Completed

EXAMPLES = ROOT / "examples"
WITH_BUGS = sorted(EXAMPLES.glob("*/*_with_a_bug.*"))
_PAGE = ROOT / "docs" / "programs.md"
_VARIES = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9a-f]{4}…|\d+\.\d{3}|\d+\.\d s\b")
"""Session ids and times."""


def right_one(program: Path) -> Path:
    """The program that this is a copy of."""
    return program.with_name(program.name.replace("_with_a_bug", ""))


def copy_with_bug(program: Path, folder: Path) -> Path:
    """Copy an example into `folder`, with the bug in its program; return its folder."""
    example = shutil.copytree(program.parent, folder / program.parent.name)
    shutil.copy(program, example / right_one(program).name)
    return example


def assert_shown_on_the_page(completed: Completed) -> None:
    """Assert that a run has failed as the page shows."""
    assert completed.code == 1, completed.out + completed.err
    shown = _plain(_PAGE.read_text()).splitlines()
    lines = [line for word in ("Expected", "Nearest", "Because") if (line := completed.line(word))]
    assert len(lines) >= 2
    assert [line for line in map(_plain, lines) if line not in shown] == []


def _plain(text: str) -> str:
    """The text without what differs from run to run, and without indentation."""
    return "\n".join(re.sub(r" +", " ", _VARIES.sub("…", line)).strip() for line in text.splitlines())
