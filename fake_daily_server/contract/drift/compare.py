"""Compares a JSON value with a schema of the contract: what differs, and what the contract leaves open."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from fake_daily_server.contract.files import Schema, resolved
from fake_daily_server.recordings.masking import masked

Severity = Literal["error", "warning", "note", "not compared"]
"""How bad a difference is for programs that are tested here: `error` can break them, `warning` can surprise them, and
`note` is something new. `not compared` is no difference: the contract does not say what the value must be."""

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference at a place of an object, such as `payload.sip_headers`."""

    severity: Severity
    path: str
    text: str


def differences(value: Any, schema: Schema, root: Schema, path: str = "") -> Iterator[Difference]:
    """The differences between a value and its schema; `root` has the definitions that the schema refers to."""
    schema = _merged(resolved(schema, root), root)
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            yield from _nearest(value, schema[choice], root, path)
            return
    wanted = _types(schema)
    if wanted and not _is_of(value, wanted):
        yield Difference("error", path, f"is {masked(value, path)}, not of the type {' or '.join(wanted)}")
    elif "const" in schema:
        if value != schema["const"]:
            yield Difference("warning", path, f"is {masked(value, path)}, not {json.dumps(schema['const'])}")
    elif "enum" in schema:
        if value not in schema["enum"]:
            known = ", ".join(map(str, schema["enum"]))
            yield Difference("warning", path, f"unknown value {masked(value, path)}; known: {known}")
    elif not wanted:
        yield Difference("not compared", path, "the contract leaves it open")
    elif isinstance(value, dict):
        yield from _of_object(value, schema, root, path)
    elif isinstance(value, list):
        yield from _of_list(value, schema, root, path)


def _of_object(value: Mapping[str, Any], schema: Schema, root: Schema, path: str) -> Iterator[Difference]:
    known = schema.get("properties", {})
    others = schema.get("additionalProperties", True)
    for name in schema.get("required", ()):
        if name not in value:
            yield Difference("error", _below(path, name), "missing; the contract has it always")
    for name, field in value.items():
        place = _below(path, name)
        if name in known:
            yield from differences(field, known[name], root, place)
        elif isinstance(others, Mapping) and others:
            yield from differences(field, others, root, _below(path, "*"))
        elif known:
            yield Difference("note", place, "unknown field")
    if not known and not isinstance(others, Mapping) and value:
        yield Difference("not compared", path, "the contract leaves its fields open")


def _of_list(value: Sequence[Any], schema: Schema, root: Schema, path: str) -> Iterator[Difference]:
    items = schema.get("items")
    if not items:
        if value:
            yield Difference("not compared", path, "the contract leaves its items open")
        return
    for item in value:
        yield from differences(item, items, root, f"{path}[]")


def _nearest(value: Any, choices: Sequence[Schema], root: Schema, path: str) -> Iterator[Difference]:
    """The differences to the choice that has the fewest errors, and then the fewest in all."""
    of_choices = [_types(_merged(resolved(choice, root), root)) for choice in choices]
    types = [name for names in of_choices for name in names]
    if all(of_choices) and not _is_of(value, types):
        yield Difference("error", path, f"is {masked(value, path)}, not of the type {' or '.join(types)}")
        return
    found = [list(differences(value, choice, root, path)) for choice in choices]
    yield from min(found, key=lambda each: (sum(one.severity == "error" for one in each), len(each)))


def _types(schema: Schema) -> Sequence[str]:
    """The types that a schema names; none if it has choices of its own."""
    wanted = schema.get("type", ())
    return [wanted] if isinstance(wanted, str) else wanted


def _merged(schema: Schema, root: Schema) -> Schema:
    """A schema with `allOf` as one: properties and required fields of all parts, its own first."""
    if "allOf" not in schema:
        return schema
    merged: dict[str, Any] = {name: value for name, value in schema.items() if name != "allOf"}
    for part in schema["allOf"]:
        inner = _merged(resolved(part, root), root)
        merged["properties"] = {**inner.get("properties", {}), **merged.get("properties", {})}
        merged["required"] = [*{*inner.get("required", ()), *merged.get("required", ())}]
        merged.setdefault("type", inner.get("type"))
    return merged


def _is_of(value: Any, types: Sequence[str]) -> bool:
    if isinstance(value, bool):
        return "boolean" in types
    if isinstance(value, float) and value.is_integer() and "integer" in types:
        return True
    return any(isinstance(value, _TYPES[name]) for name in types)


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
