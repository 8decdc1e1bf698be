"""`daily-sim mutants`: what a weak story would not notice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.scenarios.command import command

STORY = """
title: A weak story
room: {enable_dialout: true}
phones: {desk: {number: "+12065550142"}}
steps:
  - client: startDialOut
    with: {phoneNumber: $desk.number}
  - expect: dialout-answered
    within_ms: 2000
  - phone: desk
    do: hangup
  - expect: participant-left
"""


@pytest.fixture
def story(tmp_path: Path) -> Path:
    file = tmp_path / "weak.yaml"
    file.write_text(STORY, "utf-8")
    return file


def test_a_survivor_is_told_and_another_run_goes_on_there(story: Path) -> None:
    only = ("--only", "event-drop dialout-*", "--budget", "60")
    first = command("mutants", story, *only, folder=story.parent)
    assert first.code == 1, first.err
    told = first.out.splitlines()
    assert told[0] == "tried 3 of 3 mutants: 1 noticed, 2 not"
    assert "nobody noticed that `dialout-stopped` never came" in told
    assert told[-1].endswith("/.daily-sim/reports/mutants.html")
    assert "event-drop dialout-answered: noticed" in first.err
    again = command("mutants", story, *only, "--resume", folder=story.parent)
    assert (again.code, again.out, again.err) == (1, first.out, "")


def test_all_mutants_that_are_noticed_are_a_success(story: Path) -> None:
    noticed = command("mutants", story, "--only", "event-drop dialout-answered", "--budget", "60", folder=story.parent)
    assert noticed.code == 0
    assert noticed.out == "tried 1 of 1 mutants: 1 noticed, 0 not\n"


def test_a_story_that_fails_by_itself_is_refused(story: Path) -> None:
    story.write_text(STORY.replace("participant-left", "dialout-error\n    within_ms: 100"), "utf-8")
    refused = command("mutants", story, folder=story.parent)
    assert refused.code == 2
    assert "all scenarios have to pass first; failed: " in refused.err
