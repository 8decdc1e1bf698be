"""Converts pydantic's validation errors to problems of a file: location, field, value, and what is allowed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from scenarios.language.suggestions import joined, nearest_word, suggestion
from scenarios.loading.model_fields import field_names
from scenarios.loading.problems import Location, Problem
from scenarios.loading.yaml_source import FieldPath, YamlSource
from scenarios.steps import STEP_WORDS
from scenarios.steps.phone import PHONE_WORDS
from scenarios.steps.program import PROGRAM_WORDS
from scenarios.steps.sound import HEARING_WORDS, SOUND_WORDS
from simulator.errors import ConfigurationError
from simulator.validation_errors import UnknownField

_LONGEST_VALUE = 60

_TYPE_NAMES = {
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


def validation_problems(source: YamlSource, model: type[BaseModel], error: ValidationError) -> list[Problem]:
    """The problems in `source` for which `model` raised `error`, in the order of the file."""
    errors = (each for each in error.errors(include_url=False) if not _follows_from_another(source, each))
    problems = {_problem(source, model, each): None for each in errors}
    return sorted(problems, key=lambda problem: problem.location or Location(0, 0))


def _follows_from_another(source: YamlSource, error: Any) -> bool:
    """Whether `error` calls a list too short only because its items are invalid, each of which has its own error."""
    return error["type"] == "too_short" and bool(source.value_at(_path_in_file(source, error["loc"])))


def _problem(source: YamlSource, model: type[BaseModel], error: Mapping[str, Any]) -> Problem:
    loc: FieldPath = error["loc"]
    path = _path_in_file(source, loc)
    kind: str = error["type"]
    if kind == "missing":
        return source.problem((*path, loc[-1]), "is missing")
    if kind == "extra_forbidden":
        if other := _other_verb(source, path):
            text = f"a step does one thing, and this one also has {other!r}; make it a step of its own"
            return source.problem(path, text, of_key=True)
        return _unknown_field(source, path, str(loc[-1]), field_names(model, loc[:-1]))
    if isinstance(reason := error.get("ctx", {}).get("error"), UnknownField):
        return _unknown_field(source, (*path, reason.given), reason.given, reason.known)
    if isinstance(reason, ConfigurationError):
        inner = (*path, *reason.field.split("."))
        path = inner if source.value_at(inner) is not None else path
    if kind == "wrong_key":
        path = (*path, error["ctx"]["key"])
    if kind == "union_tag_invalid":
        path = (*path, error["ctx"]["discriminator"].strip("'"))
    about_key = "[key]" in loc or kind == "wrong_key"
    given = path[-1] if about_key else error["input"]
    if kind == "no_word":
        return _no_step_word(source, path, given)
    return source.problem(path, _text(kind, given, error.get("ctx", {}), error["msg"]), of_key=about_key)


def _unknown_field(source: YamlSource, path: FieldPath, given: str, known: Sequence[str]) -> Problem:
    text = f"is not known here{suggestion(given, known, label='known')}"
    return source.problem(path, text, of_key=True)


def _other_verb(source: YamlSource, path: FieldPath) -> str | None:
    """The verb of the step whose field `path` is a second verb; None if it is not."""
    step = source.value_at(path[:2])
    if len(path) != 3 or path[0] != "steps" or not isinstance(step, Mapping):
        return None
    of_party = (*PHONE_WORDS, *SOUND_WORDS)
    parties = {"phone", "participant", "hears_from"}
    words = PROGRAM_WORDS if "program" in step else of_party if parties & step.keys() else STEP_WORDS
    is_verb = path[2] in {*of_party, *STEP_WORDS}
    return next((each for each in words if each in step and each != path[2]), None) if is_verb else None


def _path_in_file(source: YamlSource, loc: FieldPath) -> FieldPath:
    """`loc` without the parts that are not in the file: tags of unions, and fields omitted in a short form."""
    path: FieldPath = ()
    for part in loc:
        if source.value_at((*path, part)) is not None:
            path = (*path, part)
    return path


def _no_step_word(source: YamlSource, path: FieldPath, given: Any) -> Problem:
    """The problem of a step that has none of the words that determine its kind."""
    kinds = {
        "phone": ("a phone step", (*PHONE_WORDS, *SOUND_WORDS)),
        "participant": ("a step with `participant`", SOUND_WORDS),
        "hears_from": ("a step with `hears_from`", HEARING_WORDS),
        "program": ("a step about a program", PROGRAM_WORDS),
    }
    first_word = next((word for word in kinds if isinstance(given, Mapping) and word in given), "")
    kind, words = kinds.get(first_word, ("a step", STEP_WORDS))
    text = f"{kind} has one of the words {joined(words)}"
    if not isinstance(given, Mapping):
        text += f", such as `expect: dialout-answered`; {_shown(given)} has none"
        return source.problem(path, text)
    for word in given:
        if nearest := nearest_word(str(word), words):
            return source.problem((*path, word), f"{text}; did you mean {nearest!r}?", of_key=True)
    return source.problem(path, text)


def _text(kind: str, given: Any, context: Mapping[str, Any], message: str) -> str:
    if kind in ("literal_error", "enum", "union_tag_invalid"):
        words = re.findall(r"'([^']*)'", str(context.get("expected") or context.get("expected_tags")))
        word = str(context.get("tag", given))
        return f"{_shown(word)} is not allowed{suggestion(word, words)}"
    if kind in _TYPE_NAMES:
        return f"{_shown(given)} is not {_TYPE_NAMES[kind]}"
    if kind in _LIMITS:
        name, form = _LIMITS[kind]
        return f"{_shown(given)} is not allowed; it must be {form.format(context[name])}"
    return _custom_text(kind, given, context, message)


def _custom_text(kind: str, given: Any, context: Mapping[str, Any], message: str) -> str:
    """The text of an error raised by a validator, or pydantic's own text where it is clear enough."""
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
