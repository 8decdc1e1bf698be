"""pydantic's errors in the words of one who writes scenario files: where, which field, which value, what instead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, Tag, ValidationError
from typing_extensions import TypeAliasType

from scenarios.problems import Place, Problem, instead, listed, nearest_word
from scenarios.source import Source, Way, spell
from scenarios.steps import STEP_WORDS
from scenarios.steps.phone import PHONE_WORDS
from scenarios.steps.sound import SOUND_WORDS
from simulator.errors import ConfigurationError
from simulator.validation_errors import UnknownField

_LONGEST_VALUE = 60

_KINDS = {
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "float_parsing": "a number",
    "string_type": "a text",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping such as {name: value}",
    "model_type": "a mapping such as {name: value}",
    "model_attributes_type": "a mapping such as {name: value}",
}
_LIMITS = {
    "greater_than_equal": ("ge", "at least {}"),
    "less_than_equal": ("le", "at most {}"),
    "greater_than": ("gt", "more than {}"),
    "less_than": ("lt", "less than {}"),
    "string_too_long": ("max_length", "at most {} characters long"),
    "string_too_short": ("min_length", "at least {} characters long"),
    "string_pattern_mismatch": ("pattern", "of the form {}"),
}


def explained(source: Source, model: type[BaseModel], wrong: ValidationError) -> list[Problem]:
    """One problem for each error, in the order of the file."""
    errors = (error for error in wrong.errors(include_url=False) if not _follows_from_another(source, error))
    problems = {_problem(source, model, error): None for error in errors}
    return sorted(problems, key=lambda problem: problem.place or Place(0, 0))


def _follows_from_another(source: Source, error: Any) -> bool:
    """A list whose items are all wrong counts as empty, too; one complaint is enough."""
    return error["type"] == "too_short" and bool(source.at(_way_in(source, error["loc"])))


def _problem(source: Source, model: type[BaseModel], error: Mapping[str, Any]) -> Problem:
    loc: Way = error["loc"]
    way = _way_in(source, loc)
    kind: str = error["type"]
    if kind == "missing":
        return Problem(source.path, source.place(way), spell((*way, loc[-1])), "is missing")
    if kind == "extra_forbidden":
        return _unknown(source, way, str(loc[-1]), field_names(model, loc[:-1]))
    if isinstance(reason := error.get("ctx", {}).get("error"), UnknownField):
        return _unknown(source, (*way, reason.given), reason.given, reason.known)
    if kind == "wrong_key":
        way = (*way, error["ctx"]["key"])
    if kind == "union_tag_invalid":
        way = (*way, error["ctx"]["discriminator"].strip("'"))
    about_key = "[key]" in loc or kind == "wrong_key"
    place = source.place(way, of_key=about_key)
    given = way[-1] if about_key else error["input"]
    if kind == "no_word":
        return _no_word(source, way, given)
    return Problem(source.path, place, spell(way), _text(kind, given, error.get("ctx", {}), error["msg"]))


def _unknown(source: Source, way: Way, given: str, known: Sequence[str]) -> Problem:
    text = f"is not known here{instead(given, known, label='known')}"
    return Problem(source.path, source.place(way, of_key=True), spell(way), text)


def _way_in(source: Source, loc: Way) -> Way:
    """`loc` without the steps that are not in the file: names of alternatives, and short forms written out."""
    way: Way = ()
    for step in loc:
        if source.at((*way, step)) is not None:
            way = (*way, step)
    return way


def _no_word(source: Source, way: Way, given: Any) -> Problem:
    kinds = {
        "phone": ("a phone step", (*PHONE_WORDS, *SOUND_WORDS)),
        "participant": ("a participant's step", SOUND_WORDS),
    }
    told_by = next((word for word in kinds if isinstance(given, Mapping) and word in given), "")
    kind, words = kinds.get(told_by, ("a step", STEP_WORDS))
    text = f"{kind} has one of the words {listed(words)}"
    if not isinstance(given, Mapping):
        text += f", such as `expect: dialout-answered`; {_shown(given)} has none"
        return Problem(source.path, source.place(way), spell(way), text)
    for word in given:
        if nearest := nearest_word(str(word), words):
            way = (*way, word)
            return Problem(
                source.path, source.place(way, of_key=True), spell(way), f"{text}; did you mean {nearest!r}?"
            )
    return Problem(source.path, source.place(way), spell(way), text)


def _text(kind: str, given: Any, context: Mapping[str, Any], message: str) -> str:
    if kind in ("literal_error", "enum", "union_tag_invalid"):
        words = re.findall(r"'([^']*)'", str(context.get("expected") or context.get("expected_tags")))
        word = str(context.get("tag", given))
        return f"{_shown(word)} is not allowed{instead(word, words)}"
    if kind in _KINDS:
        return f"{_shown(given)} is not {_KINDS[kind]}"
    if kind in _LIMITS:
        name, form = _LIMITS[kind]
        return f"{_shown(given)} is not allowed; it must be {form.format(context[name])}"
    return _special(kind, given, context, message)


def _special(kind: str, given: Any, context: Mapping[str, Any], message: str) -> str:
    if kind == "value_error":
        reason = context["error"]
        if isinstance(reason, ConfigurationError):
            return f"{_shown(reason.value)} is not usable; allowed: {reason.allowed}"
        return str(reason)
    if kind == "wrong_key":
        return str(context["text"])
    if kind == "too_short":
        return f"must have at least {context['min_length']} item"
    return f"{_shown(given)}: {message}"


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = repr(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def field_names(model: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    """The fields of the model that `loc`, as pydantic reports it, leads to from `model`."""
    here = [_Alternative(model)]
    for step in loc:
        tagged = [each for each in here if step in each.tags]
        inner = [found for each in here for found in _inside(each.kind, step)]
        here = inner or tagged or here
    models = [each.kind for each in here if _is_model(each.kind)]
    return list(dict.fromkeys(field.alias or name for each in models for name, field in each.model_fields.items()))


@dataclass(frozen=True)
class _Alternative:
    """One of the types that a value may have, and the tags by which pydantic tells it from the others."""

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
    if not _is_model(kind):
        return frozenset()
    literals = (field.annotation for field in kind.model_fields.values() if get_origin(field.annotation) is Literal)
    return frozenset(word for literal in literals for word in get_args(literal))


def _inside(kind: Any, step: str | int) -> Iterator[_Alternative]:
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
