"""The programs in `examples/` pass their stories; copies with a bug fail as docs/programs.md shows."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.integration.scenarios.command import ROOT, command

EXAMPLES = ROOT / "examples"
PAGE = ROOT / "docs" / "programs.md"
WITH_BUGS = sorted(EXAMPLES.glob("*/*_with_a_bug.py"))
_VARIES = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+\.\d{3}|\d+\.\d s\b")
"""Session ids and times."""


def plain(text: str) -> str:
    """The text without what differs from run to run, and without indentation."""
    return "\n".join(re.sub(r" +", " ", _VARIES.sub("…", line)).strip() for line in text.splitlines())


@pytest.mark.parametrize("example", ["retrying_dialler", "webhook_service"])
def test_an_example_passes_its_stories(example: str) -> None:
    completed = command("run", EXAMPLES / example)
    assert completed.code == 0, completed.out + completed.err


@pytest.mark.parametrize("program", WITH_BUGS, ids=lambda path: path.parent.name)
def test_a_story_catches_the_bug_with_the_failure_of_the_page(program: Path, tmp_path: Path) -> None:
    folder = tmp_path / program.parent.name
    shutil.copytree(program.parent, folder)
    shutil.copy(program, folder / program.name.replace("_with_a_bug", ""))
    completed = command("run", folder, "-q", "-j", "1")
    assert completed.code == 1, completed.out + completed.err
    shown = plain(PAGE.read_text())
    lines = [line for word in ("Expected", "Nearest", "Because") if (line := completed.line(word))]
    assert len(lines) >= 2
    assert [line for line in map(plain, lines) if line not in shown] == []


def test_each_bug_is_one_changed_line() -> None:
    assert len(WITH_BUGS) == 2
    for program in WITH_BUGS:
        right = program.with_name(program.name.replace("_with_a_bug", "")).read_text().splitlines()
        wrong = program.read_text().splitlines()
        assert len(right) == len(wrong)
        assert [line for line, other in zip(wrong, right, strict=True) if line != other] == [
            line for line in wrong if "# the bug: " in line
        ]
