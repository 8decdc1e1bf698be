"""`check` finds personas and parameters that do not exist, with the line and the nearest known name."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.loading.problems import InvalidScenarios
from scenarios.loading.scenario_files import ScenarioFile

STORY = """\
title: A call to a far end
room: {enable_dialout: true}
phones:
  anna:
    number: "+12065550142"
    persona: PERSONA
    MORE: 1
steps:
  - client: startDialOut
    with: {phoneNumber: $anna.number}
  - expect: dialout-answered
"""


@pytest.mark.parametrize(
    ("persona", "more", "problem"),
    [
        ("voicemial", "lines", "6:14: phones.anna.persona: .*did you mean 'voicemail'"),
        ("voicemail", "greting_s", "7:16: phones.anna.greting_s: .*did you mean 'greeting_s'"),
        ("voicemail", "beep_hz", "7:14: phones.anna.beep_hz: .*20"),
        ("menu", "menu", "7:11: phones.anna.menu: "),
    ],
)
def test_a_mistake_is_found_with_its_place(tmp_path: Path, persona: str, more: str, problem: str) -> None:
    path = tmp_path / "story.yaml"
    path.write_text(STORY.replace("PERSONA", persona).replace("MORE", more))
    with pytest.raises(InvalidScenarios, match=problem):
        ScenarioFile.read(path)


def test_a_position_of_a_phone_without_persona_is_found(tmp_path: Path) -> None:
    path = tmp_path / "story.yaml"
    story = STORY.replace("    persona: PERSONA\n    MORE: 1\n", "")
    path.write_text(story + "  - phone: anna\n    expect_persona: {branch: sales}\n")
    with pytest.raises(InvalidScenarios, match=r"11:21: .*the phone 'anna' has no persona; give it one in `phones`"):
        ScenarioFile.read(path)


def test_a_persona_beside_the_story_is_known(tmp_path: Path) -> None:
    path = tmp_path / "story.yaml"
    path.write_text(STORY.replace("PERSONA", "rude").replace("    MORE: 1\n", ""))
    with pytest.raises(InvalidScenarios, match="'rude'"):
        ScenarioFile.read(path)
    (tmp_path / "personas").mkdir()
    (tmp_path / "personas" / "rude.yaml").write_text("about: Hangs up.\ncalled: [answer, hang_up]\n")
    assert ScenarioFile.read(path).scenario.phones["anna"].persona == "rude"
