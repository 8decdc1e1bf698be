"""The parameters of a persona as fields of a form, made from the persona's file."""

from __future__ import annotations

import json
from typing import Any, Literal, get_args, get_origin

from fake_daily_server.sandbox.forms import Field, JsonType
from simulator.personas.parameters import TYPES, Parameter, TypeName
from simulator.personas.persona import Persona

_JSON: dict[TypeName, JsonType] = {
    "milliseconds": "number",
    "seconds": "number",
    "count": "number",
    "hz": "number",
    "status": "number",
    "codecs": "list",
    "branches": "json",
}
"""How a value of these types is written in a request; one of another type is a text."""


def parameter_fields(persona: Persona) -> tuple[Field, ...]:
    """A field of `parameters` for each parameter, in the file's order; an empty one has the default, as shown."""
    return tuple(_field(name, parameter) for name, parameter in persona.file.parameters.items())


def _field(name: str, parameter: Parameter) -> Field:
    words = _words(parameter.type)
    return Field(
        f"parameters.{name}",
        f"{name} ({parameter.type})",
        json=_JSON.get(parameter.type, "text"),
        default=_shown(parameter.default),
        choices=("", *words) if words else (),
        about=f"{parameter.about} Default: {_shown(parameter.default) or 'none'}",
    )


def _words(name: TypeName) -> tuple[str, ...]:
    """The values of a type that has no others."""
    annotation: Any = TYPES[name]._type  # what a TypeAdapter was made of has no public name
    return get_args(annotation) if get_origin(annotation) is Literal else ()


def _shown(default: Any) -> str:
    if isinstance(default, dict):
        return json.dumps(default)
    return " ".join(default) if isinstance(default, list) else str(default)
