"""Finds the fields of the model in which pydantic reports an error."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, Tag
from typing_extensions import TypeAliasType


def field_names(model: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    """Field names of the model at `loc`, the location of a pydantic error relative to `model`."""
    here = [_Alternative(model)]
    for step in loc:
        tagged = [each for each in here if step in each.tags]
        inner = [found for each in here for found in _inside(each.kind, step)]
        here = inner or tagged or here
    models = [each.kind for each in here if _is_model(each.kind)]
    return list(dict.fromkeys(field.alias or name for each in models for name, field in each.model_fields.items()))


@dataclass(frozen=True)
class _Alternative:
    """A type that a value may have, and the tags that select this type in a discriminated union."""

    kind: Any
    tags: frozenset[Any] = frozenset()


def _alternatives(annotation: Any, tags: frozenset[Any] = frozenset()) -> Iterator[_Alternative]:
    if isinstance(annotation, TypeAliasType):
        yield from _alternatives(annotation.__value__, tags)
    elif get_origin(annotation) is Annotated:
        own = {each.tag for each in annotation.__metadata__ if isinstance(each, Tag)}
        yield from _alternatives(annotation.__origin__, tags | own)
    elif get_origin(annotation) in (Union, UnionType):
        for each in get_args(annotation):
            yield from _alternatives(each, tags)
    else:
        yield _Alternative(annotation, tags | _literals(annotation))


def _literals(kind: Any) -> frozenset[Any]:
    """The values of a model's Literal fields, which pydantic uses as tags of a discriminated union."""
    if not _is_model(kind):
        return frozenset()
    literals = (field.annotation for field in kind.model_fields.values() if get_origin(field.annotation) is Literal)
    return frozenset(word for literal in literals for word in get_args(literal))


def _inside(kind: Any, step: str | int) -> Iterator[_Alternative]:
    """The types allowed for the field, list item or mapping value that `step` selects in `kind`."""
    if _is_model(kind):
        for name, field in kind.model_fields.items():
            if step in (name, field.alias):
                yield from _alternatives(field.annotation)
    elif isinstance(step, int) and get_origin(kind) in (list, tuple):
        yield from _alternatives(get_args(kind)[0])
    elif isinstance(step, str) and get_origin(kind) is dict:
        yield from _alternatives(get_args(kind)[1])


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
