"""Every page of docs/recipes, followed literally from an empty directory."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from fake_daily_server.media.audio_frame import SAMPLE_RATE
from fake_daily_server.media.prompts import hold_music
from simulator.audio.expectations import TONE_SECONDS
from simulator.audio.tone_detector import detect_tones, match_tones
from tests.recipes.catalogue import FOLDER, NEEDED, recipe_of
from tests.recipes.page import Command, File, Printed, missing_output
from tests.recipes.reader import follow


def test_the_index_links_every_page() -> None:
    pages = {page.stem for page in FOLDER.glob("*.md")} - {"README"}
    assert pages == set(NEEDED)
    index = (FOLDER / "README.md").read_text()
    assert [page for page in pages if f"]({page}.md)" not in index] == []


@pytest.mark.parametrize("name", NEEDED)
def test_a_page_writes_files_and_ends_with_passing_tests(name: str) -> None:
    recipe = recipe_of(name)
    assert {File, Command} <= {type(step) for step in recipe}
    last = recipe[-1]
    assert isinstance(last, Printed)
    assert "passed" in last.line


@pytest.mark.parametrize("name", ["pipecat-pytest", "pipecat-runner"])
def test_the_tones_of_a_bot_are_not_those_of_the_hold_music(name: str) -> None:
    files = "".join(step.text for step in recipe_of(name) if isinstance(step, File))
    wanted = {float(hz) for hz in re.findall(r"\b\d{3}\b(?=[,})\n])", files) if 300 <= int(hz) <= 1000}
    assert len(wanted) >= 2
    music = hold_music()
    length, hop = round(TONE_SECONDS * SAMPLE_RATE), SAMPLE_RATE // 50
    looped = np.concatenate([music, music[:length]])
    for at in range(0, len(music), hop):
        found, _ = match_tones(detect_tones(looped[at : at + length]), frozenset(wanted))
        assert not found


@pytest.mark.parametrize("name", ["daily-js-vitest", "daily-react"])
def test_a_call_object_is_destroyed_also_when_its_test_failed_before_it_had_the_call(name: str) -> None:
    tests = [step.text for step in recipe_of(name) if isinstance(step, File) and "afterEach(" in step.text]
    assert len(tests) == 1
    assert "Daily.getCallInstance()?.destroy()" in tests[0].partition("afterEach(")[2]


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.interop(*needed)) for name, needed in NEEDED.items()]
)
def test_following_a_page_leads_to_passing_tests(name: str, wheels: Path, project: Path) -> None:
    recipe = recipe_of(name)
    output = follow(recipe, wheels=wheels, folder=project)
    assert missing_output(recipe, output) == [], output[-6000:]
