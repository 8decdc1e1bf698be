"""The fields of a request body as fields of a form, made from its model, so that a form has what the route takes."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from fake_daily_server.sandbox.forms import Field


def fields_of(model: type[BaseModel]) -> tuple[Field, ...]:
    """One field for each field of `model`, in its order. An empty one has the default, which it shows."""
    return tuple(_field(name, info) for name, info in model.model_fields.items())


def _field(name: str, info: FieldInfo) -> Field:
    members = _members(info.annotation)
    default = "" if info.is_required() or info.default is None else str(info.default)
    words = [word for member in members if get_origin(member) is Literal for word in get_args(member)]
    others = [member for member in members if get_origin(member) is not Literal and member is not type(None)]
    if words and not others:
        first = () if info.is_required() else ("",)
        return Field(name, name, choices=(*first, *map(str, words)))
    if others == [bool]:
        return Field(name, name, json="boolean")
    numbers, required = {int, float}, info.is_required()
    if numbers.issuperset(others) and not words:
        return Field(name, name, json="number", default=default, required=required)
    return Field(name, name, json="scalar" if numbers & {*others} else "text", default=default, required=required)


def _members(annotation: Any) -> tuple[Any, ...]:
    """The types that a value may have: the members of a union, without what Annotated adds."""
    if hasattr(annotation, "__metadata__"):
        return _members(annotation.__origin__)
    members = get_args(annotation) if get_origin(annotation) is not Literal else ()
    return tuple(each for member in members for each in _members(member)) if members else (annotation,)
