"""Request models that say what is wrong in one sentence: the field, the value, and what is allowed."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, ValidationInfo, model_validator
from pydantic.alias_generators import to_camel

_LONGEST_VALUE = 80
_PLACE = re.compile(r"^(body|query|path)(\.|$)")
_UNION_BRANCH = re.compile(r"bool|int|float|str|SomeMedia|AllMedia|tuple\[.*|function-.*|literal\[.*")
_OBJECT_EXPECTED = ("model_type", "model_attributes_type", "dict_type", "dataclass_type")
_SHOULD = re.compile(r"^\w+ should")


class RequestModel(BaseModel):
    """Immutable, camelCase on the wire, and unknown fields are refused with the nearest known one."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _known_fields_only(cls, value: Any, _: ValidationInfo) -> Any:
        if isinstance(value, Mapping) and cls.model_config.get("extra") == "forbid":
            names = [field.alias or name for name, field in cls.model_fields.items()]
            for given in value:
                if given not in names and given not in cls.model_fields:
                    raise ValueError(unknown_name("field", str(given), names))
        return value


def unknown_name(what: str, given: str, known: Sequence[str]) -> str:
    """The sentence about a name that nobody knows, with the nearest known one or all of them."""
    near = difflib.get_close_matches(given, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known) or 'none'}"
    return f"unknown {what} {given!r}; {hint}"


def check_json(value: Any) -> None:
    """Raise ValueError for what Python reads and JSON cannot say: NaN, infinities, lone surrogates."""
    json.dumps(value, allow_nan=False, ensure_ascii=False).encode()


def explain(errors: Iterable[Any]) -> str:
    """The errors that pydantic found (`ValidationError.errors()`) as text for `info`, a clause for each field."""
    found = cast("list[Mapping[str, Any]]", list(errors))
    clauses: dict[str, list[str]] = {}
    for error in found:
        if error["type"] == "too_short" and any(error["loc"] == other["loc"][:-1] for other in found):
            continue
        opening, complaint = _clause(error)
        complaints = clauses.setdefault(opening, [])
        if complaint not in complaints:
            complaints.append(complaint)
    return "; ".join(opening + " or ".join(complaints) for opening, complaints in clauses.items())


def _clause(error: Mapping[str, Any]) -> tuple[str, str]:
    field = ".".join(str(part) for part in error["loc"] if not _UNION_BRANCH.fullmatch(str(part)))
    field = _PLACE.sub("", field)
    message = str(error["msg"]).removeprefix("Value error, ")
    given = error.get("input")
    if error["type"] == "missing":
        return f"{field or 'the body'} is required", ""
    if error["type"] == "value_error":
        return (f"{field}: " if field else ""), message
    if not field and isinstance(given, bytes | str):
        return "the body must be a JSON object, sent with Content-Type: application/json", ""
    if error["type"] in _OBJECT_EXPECTED:
        message = "should be a JSON object"
    return f"{field or 'the body'} was {_shown(given)} but ", _SHOULD.sub("should", message)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
