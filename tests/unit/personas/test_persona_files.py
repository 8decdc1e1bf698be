"""Persona files: those of the project can be read, and a mistake in one is reported with its place and the way out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from simulator.errors import ConfigurationError
from simulator.numbers import check_number
from simulator.personas.catalogue import FOLDER, Personas
from simulator.phone_persona import with_persona
from simulator.phone_spec import PhoneSpec
from simulator.test_numbers import TABLE
from tools import personas_page

NAMES = Personas().names


@pytest.mark.parametrize("name", NAMES)
def test_a_persona_of_the_project_has_usable_defaults(name: str) -> None:
    spec, persona = with_persona(PhoneSpec(persona=name), Personas())
    assert persona is not None
    assert persona.called
    assert spec.persona == name


def test_no_parameter_is_named_like_a_field_of_a_phone() -> None:
    taken = {(name, each) for name in NAMES for each in Personas().get(name).file.parameters}
    assert {pair for pair in taken if pair[1] in PhoneSpec.model_fields} == set()


def test_numbers_and_names_of_test_numbers_are_unique_and_their_personas_accept_their_parameters() -> None:
    assert len({each.number for each in TABLE}) == len({each.name for each in TABLE}) == len(TABLE)
    for each in TABLE:
        assert check_number(each.number or "") == each.number
        assert with_persona(each.spec, Personas())[1] is not None
    assert {each.persona for each in TABLE} == set(NAMES)


def test_the_generated_page_is_current() -> None:
    assert personas_page.PAGE.read_text(encoding="utf-8") == personas_page.page(), "run: make generate"


GOOD = """\
about: Talks.
parameters:
  text: {type: text, default: Hi, about: What it says.}
called: [answer, {say: $text}]
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("called: [answer", "a YAML file"),
        ("- answer", r"a persona: about, parameters, phone, called, calling"),
        (GOOD.replace("about: Talks.\n", ""), "about"),
        ("about: Nothing.\n", "a persona has steps: `called`, `calling`, or both"),
        (GOOD.replace("called:", "caled:"), "did you mean 'called'"),
        (GOOD.replace("{say:", "{sya:"), r"called.1: .*did you mean 'say'"),
        (GOOD.replace("answer", "answre"), "did you mean 'answer'"),
        (GOOD.replace("$text", "$txt"), "did you mean 'text'"),
        (GOOD.replace("type: text", "type: txt"), "did you mean 'text'"),
        (GOOD.replace("[answer", "[{refuse: 200}"), r"called.0.refuse: '200'.*greater than or equal to 300"),
        (GOOD.replace("[answer", "[{ring_ms: soon}"), r"called.0.ring_ms: 'soon'"),
        (GOOD.replace("[answer", "[{answer: , hang_up: }"), "a step with one of the words"),
        (GOOD.replace("[answer", "[{press: 1x}"), "0-9 A-D"),
        (GOOD.replace("[answer", "[{menu: m, prompt: p, branches: {x: y}}"), "0-9 A-D"),
        (
            GOOD.replace("[answer", "[{menu: m, prompt: p, branches: {1: [answer, {sya: x}]}}"),
            r"called.0.branches.1.steps.1: .*did you mean 'say'",
        ),
        (GOOD.replace("called: [answer, {say: $text}]", "called: answer"), "list"),
        (GOOD + "phone: {codecs: [PCMX]}\n", None),
    ],
)
def test_a_mistake_in_a_file_is_explained(tmp_path: Path, text: str, message: str | None) -> None:
    (tmp_path / "mine.yaml").write_text(text)
    personas = Personas([tmp_path])
    if message is None:  # the phone's fields are checked with the phone
        with pytest.raises(ConfigurationError, match="PCMX"):
            with_persona(PhoneSpec(persona="mine"), personas)
        return
    with pytest.raises(ConfigurationError, match=message) as failed:
        personas.get("mine")
    assert str(tmp_path / "mine.yaml") in str(failed.value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"persona": "voicemial"}, r"persona: 'voicemial'.*did you mean 'voicemail'"),
        ({"persona": "voicemail", "greting_s": 1}, r"greting_s: 1.*did you mean 'greeting_s'"),
        ({"persona": "voicemail", "umber": "+12065550142"}, "did you mean 'number'"),
        ({"persona": "voicemail", "greeting_s": "long"}, "greeting_s: 'long'"),
        ({"persona": "voicemail", "parameters": {"beep_hz": 3}}, "beep_hz: 3.*20"),
        ({"persona": "moved", "to": "no where"}, "to: 'no where'.*SIP URI"),
        ({"persona": "menu", "menu": {"x": "sales"}}, "menu: .*0-9 A-D"),
    ],
)
def test_a_wrong_name_or_value_is_refused_with_what_is_allowed(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        with_persona(PhoneSpec.model_validate(given), Personas())


def test_parameters_need_a_persona_and_a_persona_has_no_plans() -> None:
    with pytest.raises(ValueError, match="parameters"):
        PhoneSpec.model_validate({"parameters": {"greeting_s": 1}})
    with pytest.raises(ValueError, match="`calls` has no effect beside `persona`"):
        PhoneSpec.model_validate({"persona": "menu", "calls": "busy"})
    with pytest.raises(ValueError, match="unknown field 'greeting_s'"):
        PhoneSpec.model_validate({"greeting_s": 1})


def test_fields_of_the_phone_precede_those_of_the_persona() -> None:
    spec, _ = with_persona(PhoneSpec(persona="g711-only", codecs=("OPUS",), number="+12065550142"), Personas())
    assert (spec.codecs, spec.number) == (("OPUS",), "+12065550142")
    spec, _ = with_persona(PhoneSpec(persona="g711-only"), Personas())
    assert spec.codecs == ("PCMA",)


def test_a_folder_of_ones_own_precedes_the_project(tmp_path: Path) -> None:
    (tmp_path / "busy.yaml").write_text(GOOD)
    personas = Personas([tmp_path])
    assert personas.get("busy").path == tmp_path / "busy.yaml"
    assert personas.get("voicemail").path.parent == FOLDER
    with pytest.raises(ConfigurationError, match="a folder with persona files"):
        Personas([tmp_path / "absent"])
