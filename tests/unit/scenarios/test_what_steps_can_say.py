"""Steps that users asked for, and mistakes that used to pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.loading.problems import InvalidScenarios
from scenarios.loading.scenario_files import ScenarioFile
from scenarios.steps.client import UpdateParticipant
from tests.unit.scenarios.scenario_texts import step_problems, steps


@pytest.mark.parametrize(
    ("step", "cut", "whole"),
    [
        ("- phone: desk\n  press: 12 #", "#", "12#"),
        ("- phone: desk\n  press: 12 #3", "#3", "12#3"),
        ("- phone: desk\n  press: #", "#", "#"),
        ("- phone: desk\n  hears: 12 # 4", "# 4", "12# 4"),
        ("- phone: desk\n  expect_in_band: 1 #", "#", "1#"),
        ("- client: sendDTMF\n  with:\n    tones: 1 #", "#", "1#"),
    ],
)
def test_digits_that_yaml_takes_for_a_comment_are_reported(step: str, cut: str, whole: str) -> None:
    (found,) = step_problems(step)
    assert found.text == f'YAML takes {cut!r} for a comment; write "{whole}"'


def test_digits_that_hide_the_end_of_a_mapping_are_explained() -> None:
    (found,) = step_problems("- expect: {dtmf: 12 #}\n- pause_ms: 1")
    assert found.text.endswith('; ` #` begins a comment, so quote digits such as "12#"')


@pytest.mark.parametrize("line", ['press: "12"  #', "press: 12  # the menu", "press: 12", "press: 12#"])
def test_comments_and_whole_digits_are_fine(line: str) -> None:
    steps(f"- phone: desk\n  {line}")


@pytest.mark.parametrize(
    ("step", "field", "text"),
    [
        ("{phone: desk, press: 1, do: hangup}", "steps[1].do", "this one also has 'press'"),
        ("{phone: desk, hum: 440, say: hello}", "steps[1].say", "this one also has 'hum'"),
        ("{phone: desk, press: 1, hum: 440}", "steps[1].hum", "this one also has 'press'"),
        ("{expect: dialout-error, pause_ms: 5}", "steps[1].pause_ms", "this one also has 'expect'"),
        ("{client: join, expect: dialout-error}", "steps[1].expect", "this one also has 'client'"),
    ],
)
def test_a_second_verb_is_reported_as_such(step: str, field: str, text: str) -> None:
    (found,) = step_problems(f"- {step}")
    assert found.field == field
    assert found.text == f"a step does one thing, and {text}; make it a step of its own"


def test_a_client_mutes_and_ejects() -> None:
    (step,) = steps("- {client: updateParticipant, with: {setAudio: false}}").steps
    assert isinstance(step, UpdateParticipant)
    assert step.with_.as_json() == {"setAudio": False}
    (found,) = step_problems("- {client: updateParticipant, with: {setAudi: false}}")
    assert "did you mean 'setAudio'?" in found.text


def test_a_reference_may_be_a_key() -> None:
    steps("- {rest: GET /presence, answer: {$room.name: present}}")
    (found,) = step_problems("- {rest: GET /presence, answer: {$rom.name: present}}")
    assert "$rom is not saved by an earlier step; did you mean '$room'?" in found.text


def test_from_here_on_goes_with_what_must_be_absent() -> None:
    steps("""\
        - {expect_none: dialout-error, from_here_on: true}
        - {expect: dialout-error, absent: true, from_here_on: true}
    """)
    (found,) = step_problems("- {expect: dialout-error, from_here_on: true}")
    assert "`from_here_on` goes with `absent: true`" in found.text


@pytest.mark.parametrize("sound", ["hum: 440", "say: please hold"])
def test_sound_of_a_phone_that_holds_its_call_is_reported(sound: str) -> None:
    (found,) = step_problems(f"- {{phone: desk, do: hold}}\n- {{phone: desk, {sound}}}")
    assert (found.field, found.text) == (
        "steps[2]",
        "desk holds its call, so this sound waits until it resumes; resume the call first, or let it hold with "
        "`music: true`, which the room hears",
    )
    (found,) = step_problems(f"- {{phone: desk, do: hold, music: true}}\n- {{phone: desk, {sound}}}")
    assert found.text == ("desk holds its call with music, so this sound waits until it resumes; resume the call first")
    steps(f"- {{phone: desk, do: hold}}\n- {{phone: desk, do: resume}}\n- {{phone: desk, {sound}}}")


def test_music_goes_with_a_hold() -> None:
    steps("- {phone: desk, do: hold, music: true}")
    (found,) = step_problems("- {phone: desk, do: resume, music: true}")
    assert "`music` goes with `do: hold`, not with `do: resume`" in found.text


def test_sound_files_start_at_the_folder_of_the_scenario(tmp_path: Path) -> None:
    file = tmp_path / "here.yaml"
    file.write_text("title: t\nphones: {desk: {}}\nsteps:\n  - {phone: desk, play: hello.wav}\n")
    with pytest.raises(InvalidScenarios, match=r"there is no file .*hello\.wav'; name a WAV file"):
        ScenarioFile.read(file)
    (tmp_path / "hello.wav").touch()
    assert ScenarioFile.read(file)


def test_a_reference_is_not_spelled_out_like_digits() -> None:
    reference, digits = steps("- {phone: desk, press: $customer.url}\n- {phone: desk, press: 12#}").steps
    assert str(reference).startswith("desk presses $customer.url (")
    assert str(digits).startswith("desk presses 1 2 # (")
