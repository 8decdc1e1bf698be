"""Values that were written as text, on a command line or in a YAML file, converted to the types that they stand for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, TypeAdapter, ValidationError


def with_json_types(value: Any) -> Any:
    """Convert text to JSON types, at every level: `12` becomes a number, `true` a boolean; `=12` is the text 12."""
    if isinstance(value, dict):
        return {name: with_json_types(each) for name, each in value.items()}
    if isinstance(value, list):
        return [with_json_types(each) for each in value]
    if not isinstance(value, str):
        return value
    if value.startswith("="):
        return value[1:]
    try:
        parsed = json.loads(value)
    except ValueError:
        return value
    return value if isinstance(parsed, str | dict | list) else parsed


def typed_texts(model: type[BaseModel], texts: Mapping[str, Any]) -> dict[str, Any]:
    """Convert each text to the type of the field of `model` with its name.

    A text that fits the field both as it is and with its JSON type gets the JSON type. Names that the model does not
    have, and texts that do not fit, are unchanged.
    """
    return {name: _typed(model, name, text) for name, text in texts.items()}


def _typed(model: type[BaseModel], name: str, text: Any) -> Any:
    if name not in model.model_fields:
        return text
    field = model.model_fields[name]
    kind: Any = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
    typed = with_json_types(text)
    try:
        TypeAdapter(kind).validate_python(typed)
    except ValidationError:
        return text
    return typed
