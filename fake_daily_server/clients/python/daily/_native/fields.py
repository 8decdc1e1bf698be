"""Parses settings objects as daily-python does: known fields are type-checked, unknown fields are ignored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import JsonApiError, quoted


@dataclass(frozen=True)
class Field:
    """One field: its type (`string`, `bool`, `u32` or `map`), and the allowed values of a string if limited."""

    kind: str = "string"
    required: bool = False
    words: tuple[str, ...] = ()


def read_fields(settings: Any, struct: str, fields: Mapping[str, Field]) -> dict[str, Any]:
    """Return the known fields in `settings`. Raises JsonApiError for the first invalid field.

    `struct` is the name of the Rust struct, which the error text contains if `settings` is not an object.
    """
    if not isinstance(settings, dict):
        raise JsonApiError(f"invalid type: {_described(settings)}, expected struct {struct}")
    given = {name: value for name, value in settings.items() if name in fields and value is not None}
    for name, value in given.items():
        _check(value, fields[name])
    for name, field in fields.items():
        if field.required and name not in given:
            raise JsonApiError(f"missing field `{name}`")
    return given


def _check(value: Any, field: Field) -> None:
    fits = {
        "string": isinstance(value, str),
        "bool": isinstance(value, bool),
        "u32": isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**32,
        "map": isinstance(value, dict),
    }
    if not fits[field.kind]:
        expected = {"string": "a string", "bool": "a boolean", "u32": "u32", "map": "a map"}[field.kind]
        raise JsonApiError(f"invalid type: {_described(value)}, expected {expected}")
    if field.words and value not in field.words:
        words = ", ".join(f"`{word}`" for word in field.words)
        raise JsonApiError(f"unknown variant `{value}`, expected one of {words}")


def _described(value: Any) -> str:
    if isinstance(value, bool):
        return f"boolean `{str(value).lower()}`"
    if isinstance(value, str):
        return f"string {quoted(value)}"
    if isinstance(value, int | float):
        return f"{'integer' if isinstance(value, int) else 'floating point'} `{value}`"
    return "sequence" if isinstance(value, list) else "map"
