"""Stories whose program under test is a real client: a Pipecat bot, a Node program on daily-js, a page in Chromium."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.integration.scenarios.command import ROOT, Completed, command
from tests.integration.scenarios.example_programs import EXAMPLES, WITH_BUGS, assert_shown_on_the_page, copy_with_bug
from tests.interop.browser import chromium
from tests.peers import NODE_MODULES


@pytest.mark.interop("pipecat")
def test_a_pipecat_bot_passes_its_story() -> None:
    completed = command("run", ROOT / "examples" / "pipecat_bot", PYTHONWARNINGS="default")  # Pipecat itself warns
    assert completed.code == 0, completed.out + completed.err


@pytest.mark.interop("node", "daily-js")
def test_a_node_program_on_daily_js_passes_its_story() -> None:
    completed = command("run", ROOT / "tests" / "interop" / "javascript" / "stories")
    assert completed.code == 0, completed.out + completed.err


@pytest.mark.interop("chromium", "playwright", "daily-js")
def test_a_page_on_daily_js_passes_its_story(tmp_path: Path) -> None:
    completed = run_page(shutil.copytree(EXAMPLES / "browser_phone", tmp_path / "browser_phone"))
    assert completed.code == 0, completed.out + completed.err


@pytest.mark.interop("chromium", "playwright", "daily-js")
def test_the_story_catches_the_bug_of_the_page(tmp_path: Path) -> None:
    (program,) = (each for each in WITH_BUGS if each.suffix == ".js")
    assert_shown_on_the_page(run_page(copy_with_bug(program, tmp_path)))


def run_page(folder: Path) -> Completed:
    """Run the story of a copy of the example, with npm packages as after `npm install`."""
    (folder / "node_modules").symlink_to(NODE_MODULES)
    return command("run", folder, "-q", "-j", "1", CHROMIUM=chromium.executable() or "")
