"""Converts pydantic's validation errors to human-readable texts: the field, the value, and what is allowed.

It is used for phones, scenario files and HTTP bodies, so that the same mistake is described in the same words.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from simulator.errors import ConfigurationError

_LONGEST_VALUE = 80
_REQUEST_PART = re.compile(r"^(body|query|path)(\.|$)")
"""The part of the request where FastAPI found the field; not part of the field's name."""
_UNION_BRANCH = re.compile(r"bool|int|float|str|SomeMedia|AllMedia|tuple\[.*|function-.*|literal\[.*")
"""Parts of an error's location that name a member of a union, not a field."""
_OBJECT_EXPECTED = ("model_type", "model_attributes_type", "dict_type", "dataclass_type")
_KINDS = {
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "string": "a text",
    "list": "a list",
    "tuple": "a list",
    "set": "a list",
    "path": "a path",
}
"""What is allowed instead of a value of another kind, by the first word of pydantic's name for the error."""
_OF_ANOTHER_KIND = re.compile(r"(bool|int|float|string|list|tuple|set|path)_(type|parsing|parsing_size|from_float)")
_SHOULD = re.compile(r"^\w+ should (be|have|match) ")
"""The beginning of pydantic's messages: "Input should be", "Tuple should have", …"""
_WORD = re.compile(r"'([^']*)'")
"""One of the words in pydantic's list of literals: `'busy', 'decline' or 'answer'`."""
_ALLOWED = {"be": "", "have": "", "match": "text that matches "}
"""What replaces that beginning, by its verb."""


class UnknownField(ValueError):
    """The data has a field that is unknown to the model; the text suggests the most similar known field."""

    def __init__(self, given: str, value: Any, known: Sequence[str]) -> None:
        self.given = given
        self.value = value
        self.known = known
        super().__init__(unknown_name("field", given, known))


class KnownFieldsModel(BaseModel):
    """An immutable model that refuses unknown fields and suggests the most similar known one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _known_fields_only(cls, value: Any) -> Any:
        if isinstance(value, Mapping) and cls.model_config.get("extra") == "forbid":
            names = [field.alias or name for name, field in cls.model_fields.items()]
            for given in value:
                if given not in names:
                    raise UnknownField(str(given), value[given], names)
        return value


def unknown_name(what: str, given: str, known: Sequence[str]) -> str:
    """An error text for a name that is not in `known`, with the most similar known name, or else all of them."""
    near = difflib.get_close_matches(given, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known) or 'none'}"
    return f"unknown {what} {given!r}; {hint}"


def with_nearest(allowed: str, given: Any, words: Iterable[str]) -> str:
    """`allowed`, and the word most similar to `given`, ignoring case: `a known name; did you mean 'busy'?`."""
    by_lower = {word.lower(): word for word in words}
    near = difflib.get_close_matches(str(given).lower(), by_lower, n=1)
    return f"{allowed}; did you mean {by_lower[near[0]]!r}?" if near else allowed


def as_configuration_error(invalid: ValidationError) -> ConfigurationError:
    """Convert the first error in `invalid` to a ConfigurationError."""
    error, *others = invalid.errors()
    field = _field(error)
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, UnknownField):
        suggested = with_nearest("", cause.given, cause.known)
        allowed = f"a known field{suggested}" if suggested else f"the fields {', '.join(cause.known)}"
        return ConfigurationError(f"{field}.{cause.given}".lstrip("."), cause.value, allowed)
    if isinstance(cause, ConfigurationError):
        return ConfigurationError(field or cause.field, cause.value, cause.allowed)
    alternatives = [_message(other) for other in others if _field(other) == field and other["input"] == error["input"]]
    return ConfigurationError(field, error["input"], " or ".join(dict.fromkeys((_message(error), *alternatives))))


def _field(error: Mapping[str, Any]) -> str:
    return ".".join(str(part) for part in error["loc"] if not _UNION_BRANCH.fullmatch(str(part)))


def explain(errors: Iterable[Any]) -> str:
    """Convert errors (`ValidationError.errors()`) to one human-readable sentence, with a clause for each field."""
    found = cast("list[Mapping[str, Any]]", list(errors))
    clauses: dict[str, list[str]] = {}
    for error in found:
        if error["type"] == "too_short" and any(error["loc"] == other["loc"][:-1] for other in found):
            continue
        field_and_value, problem = _clause(error)
        problems = clauses.setdefault(field_and_value, [])
        if problem not in problems:
            problems.append(problem)
    return "; ".join(field_and_value + " or ".join(problems) for field_and_value, problems in clauses.items())


def _clause(error: Mapping[str, Any]) -> tuple[str, str]:
    """The two parts of a clause: the field with its value, and the problem."""
    field = _REQUEST_PART.sub("", _field(error))
    given = error.get("input")
    if error["type"] == "missing":
        return f"{field or 'the body'} is required", ""
    if error["type"] == "value_error":
        cause = error.get("ctx", {}).get("error")
        if field and isinstance(cause, ConfigurationError):
            within = f".{cause.field}" if isinstance(given, Mapping) else ""
            return f"{field}{within}: ", f"{cause.value!r} is not usable; allowed: {cause.allowed}"
        return (f"{field}: " if field else ""), _message(error)
    if not field and isinstance(given, bytes | str):
        return "the body must be a JSON object, sent with Content-Type: application/json", ""
    return f"{field or 'the body'}: {_abbreviated(given)} is not usable; allowed: ", _message(error)


def _message(error: Mapping[str, Any]) -> str:
    """What is allowed, from pydantic's sentence: `Input should be less than 4` becomes `less than 4`."""
    if error["type"] in _OBJECT_EXPECTED:
        return "a JSON object"
    if kind := _OF_ANOTHER_KIND.fullmatch(error["type"]):
        return _KINDS[kind[1]]
    allowed = _SHOULD.sub(lambda begins: _ALLOWED[begins[1]], str(error["msg"]).removeprefix("Value error, "))
    if error["type"] == "literal_error":
        return with_nearest(allowed, error["input"], _WORD.findall(error["ctx"]["expected"]))
    return allowed


def _abbreviated(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
