"""The reference of the scenario language, written from its models."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from scenarios.language.attribute_docstrings import add_descriptions
from scenarios.language.field_types import Model
from scenarios.program_spec import ProgramSpec, Ready
from scenarios.scenario import Scenario
from scenarios.scenario_setup import ClientSpec
from scenarios.steps import step_models
from scenarios.steps.base import Step
from scenarios.steps.tracks import Tracks
from simulator.phone_spec import CallPlan, PhoneSpec

_HEAD = """\
# The words of scenario files

Written from the models by `daily-sim docs`. [Scenario files](../scenarios.md) teach the language by example, and
[programs under test](../programs.md) the program as a client.
"""
_LONGEST_TYPE = 60
_NAMES = {
    "integer": "whole number",
    "boolean": "true or false",
    "array": "list",
    "object": "mapping",
    "string": "text",
}
"""JSON Schema's types, in words."""


def reference() -> str:
    """The page, in Markdown."""
    parts = [_HEAD, "## A file\n", _table(Scenario)]
    for title, model in (
        ("### `client`, `clients`: a scripted client", ClientSpec),
        ("### `client`, `programs`: a program under test", ProgramSpec),
        ("### `ready`", Ready),
        ("### `phones`", PhoneSpec),
        ("### `calls` of a phone", CallPlan),
    ):
        parts += [f"{title}\n", _table(model)]
    parts += ["## Steps\n", "Every step can have `optional: true`: the scenario goes on if it fails.\n"]
    for words, kind in step_models():
        parts += [f"### {words}\n", f"{_first_paragraph(kind)}\n", _table(kind, but=set(Step.model_fields))]
    parts += ["### `tracks`\n", f"{_first_paragraph(Tracks)}\n", _table(Tracks, but=set(Step.model_fields))]
    return "\n".join(parts)


def _first_paragraph(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").partition("\n\n")[0].split())


def _table(model: type[BaseModel], *, but: Collection[str] = ()) -> str:
    """A row for each field: its name, its type, its default and its docstring."""
    schema = model.model_json_schema(mode="validation")
    add_descriptions({model.__name__: schema}, Model)
    rows = list(_rows(schema, but))
    return "\n".join(["| word | value | when left out | |", "|---|---|---|---|", *rows, ""])


def _rows(schema: Mapping[str, Any], but: Collection[str]) -> Iterator[str]:
    required = set(schema.get("required", ()))
    for name, field in schema.get("properties", {}).items():
        if name in but:
            continue
        default = "required" if name in required else _default(field.get("default"))
        about = " ".join(str(field.get("description", "")).split())
        yield f"| `{name}` | {_cell(_type(field))} | {default} | {about.replace('|', '&#124;')} |"


def _default(value: Any) -> str:
    if value is None or value in ([], {}):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`" if not isinstance(value, dict) else ""


def _cell(text: str) -> str:
    return text if len(text) <= _LONGEST_TYPE else f"{text[:_LONGEST_TYPE].rpartition(', ')[0] or text[:20]}, …"


def _type(field: Mapping[str, Any]) -> str:
    """The type of a field in words, from its JSON Schema."""
    if "const" in field:
        return f"`{str(field['const']).lower() if isinstance(field['const'], bool) else field['const']}`"
    if "enum" in field:
        return ", ".join(f"`{word}`" for word in field["enum"])
    for union in ("anyOf", "oneOf"):
        if union in field:
            kinds = dict.fromkeys(_type(each) for each in field[union] if each.get("type") != "null")
            return ", ".join(kinds)
    kind = field.get("type")
    if isinstance(kind, list):
        return "text"
    if "$ref" in field:
        return "expected value" if field["$ref"].endswith("/Expected") else "mapping"
    return _NAMES.get(str(kind), str(kind or "any value"))
