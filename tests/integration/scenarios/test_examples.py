"""The programs in `examples/` pass their stories; copies with a bug fail as docs/programs.md shows.

The page of `browser_phone` needs a browser: tests/interop/test_program_stories.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.scenarios.command import command
from tests.integration.scenarios.example_programs import (
    EXAMPLES,
    WITH_BUGS,
    assert_shown_on_the_page,
    copy_with_bug,
    right_one,
)


@pytest.mark.parametrize("example", ["dial_in_desk", "menu_bot", "retrying_dialler", "webhook_service"])
def test_an_example_passes_its_stories(example: str) -> None:
    completed = command("run", EXAMPLES / example)
    assert completed.code == 0, completed.out + completed.err


@pytest.mark.parametrize(
    "program", [each for each in WITH_BUGS if each.suffix == ".py"], ids=lambda path: path.parent.name
)
def test_a_story_catches_the_bug_with_the_failure_of_the_page(program: Path, tmp_path: Path) -> None:
    assert_shown_on_the_page(command("run", copy_with_bug(program, tmp_path), "-q", "-j", "1"))


def test_each_kind_of_program_has_a_copy_with_a_bug_of_one_changed_line() -> None:
    kinds = ["browser_phone", "dial_in_desk", "menu_bot", "retrying_dialler", "webhook_service"]
    assert [program.parent.name for program in WITH_BUGS] == kinds
    for program in WITH_BUGS:
        right = right_one(program).read_text().splitlines()
        wrong = program.read_text().splitlines()
        assert len(right) == len(wrong)
        changed = [line for line, other in zip(wrong, right, strict=True) if line != other]
        assert changed == [line for line in wrong if " the bug: " in line]
        assert len(changed) == 1
