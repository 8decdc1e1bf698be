"""The fields of a persona have the types and defaults of its file, and an unusable file does not break the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from fake_daily_server.sandbox.new_phone_panel import new_phone_panel
from fake_daily_server.sandbox.persona_fields import parameter_fields
from simulator.personas.catalogue import Personas
from simulator.personas.parameters import TYPES


@pytest.mark.parametrize("name", Personas().names)
def test_each_parameter_of_a_persona_is_a_field(name: str) -> None:
    persona = Personas().get(name)
    assert [each.name for each in parameter_fields(persona)] == [
        f"parameters.{each}" for each in persona.file.parameters
    ]


def test_a_field_has_the_type_and_shows_the_default_of_the_parameter(tmp_path: Path) -> None:
    samples = {"codecs": "[PCMA, PCMU]", "branches": '{"1": sales}', "party": "caller", "direction": "to_phone"}
    samples |= {"digits": "12#", "address": "sip:a@127.0.0.1", "status": "404", "text": "hello", "hz": "440"}
    parameters = "\n".join(
        f"  p_{each}: {{type: {each}, default: {samples.get(each, '1')}, about: A sample.}}" for each in TYPES
    )
    (tmp_path / "all.yaml").write_text(f"about: All types.\nparameters:\n{parameters}\ncalled: [answer]\n")
    fields = {
        field.name.removeprefix("parameters.p_"): field for field in parameter_fields(Personas([tmp_path]).get("all"))
    }
    assert {name: field.json for name, field in fields.items() if field.json != "text"} == {
        "milliseconds": "number",
        "seconds": "number",
        "count": "number",
        "hz": "number",
        "status": "number",
        "codecs": "list",
        "branches": "json",
    }
    assert fields["party"].choices == ("", "caller", "target")
    assert fields["codecs"].default == "PCMA PCMU"
    assert fields["branches"].default == '{"1": "sales"}'
    assert fields["hz"].about == "A sample. Default: 440"


def test_a_persona_that_cannot_be_used_says_why(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("about: <b>nothing</b>\n")
    html = new_phone_panel(Personas([tmp_path]))
    assert "a persona has steps: `called`, `calling`, or both" in html
    assert "<b>" not in html
