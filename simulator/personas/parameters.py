"""The parameters of a persona: their types, defaults and values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from simulator.dtmf import check_digits
from simulator.errors import ConfigurationError
from simulator.numbers import SipAddress, check_number
from simulator.personas.steps import LONGEST_MS, Branch
from simulator.useragent.messages import AudioCodec
from simulator.validation_errors import KnownFieldsModel, as_configuration_error, with_nearest

_REFERENCE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


def _check_address(text: str) -> str:
    return check_number(text, name="to") if text.startswith("+") else str(SipAddress.parse(text, name="to"))


TYPES: Mapping[str, TypeAdapter[Any]] = {
    "text": TypeAdapter(Annotated[str, Field(max_length=2000)]),
    "milliseconds": TypeAdapter(Annotated[int, Field(ge=0, le=LONGEST_MS)]),
    "seconds": TypeAdapter(Annotated[float, Field(ge=0, le=LONGEST_MS / 1000)]),
    "count": TypeAdapter(Annotated[int, Field(ge=0, le=20)]),
    "hz": TypeAdapter(Annotated[float, Field(ge=20, lt=8000)]),
    "status": TypeAdapter(Annotated[int, Field(ge=300, le=699)]),
    "digits": TypeAdapter(Annotated[str, AfterValidator(check_digits)]),
    "address": TypeAdapter(Annotated[str, AfterValidator(_check_address)]),
    "codecs": TypeAdapter(Annotated[tuple[AudioCodec, ...], Field(min_length=1)]),
    "party": TypeAdapter(Literal["caller", "target"]),
    "direction": TypeAdapter(Literal["from_phone", "to_phone"]),
    "branches": TypeAdapter(Annotated[dict[Annotated[str, AfterValidator(check_digits)], Branch], Field(min_length=1)]),
}
"""The types of parameters, by name."""
TypeName = Literal[
    "text",
    "milliseconds",
    "seconds",
    "count",
    "hz",
    "status",
    "digits",
    "address",
    "codecs",
    "party",
    "direction",
    "branches",
]


class Parameter(KnownFieldsModel):
    """One parameter of a persona."""

    type: TypeName
    default: Any
    about: Annotated[str, Field(min_length=1)]
    """What it is, with its unit, in one sentence."""

    def value(self, name: str, given: Any) -> Any:
        """Return `given` in the parameter's type. Raises ConfigurationError, which names the parameter."""
        try:
            TYPES[self.type].validate_python(given)
        except ValidationError as invalid:
            wrong = as_configuration_error(invalid)
            raise ConfigurationError(name, given, wrong.allowed) from None
        return given


Parameters = Mapping[str, Parameter]


def values_of(parameters: Parameters, given: Mapping[str, Any], *, persona: str) -> dict[str, Any]:
    """Return the values of all parameters, the defaults included.

    Raises ConfigurationError for an unknown parameter, with the nearest known one, and for an invalid value.
    """
    for name in given:
        if name not in parameters:
            known = f"the parameters of the persona {persona!r}: {', '.join(parameters) or 'it has none'}"
            raise ConfigurationError(name, given[name], with_nearest(known, name, parameters))
    return {name: each.value(name, given.get(name, each.default)) for name, each in parameters.items()}


def substituted(tree: Any, values: Mapping[str, Any]) -> Any:
    """Return `tree` with each `$name` replaced by its value, and `${name}` within longer texts by its text.

    Raises ConfigurationError for a name that is no parameter.
    """
    if isinstance(tree, Mapping):
        return {substituted(name, values): substituted(each, values) for name, each in tree.items()}
    if isinstance(tree, list | tuple):
        return [substituted(each, values) for each in tree]
    if not isinstance(tree, str):
        return tree
    whole = _REFERENCE.fullmatch(tree)
    if whole:
        return _looked_up(whole, values)
    return _REFERENCE.sub(lambda found: str(_looked_up(found, values)), tree)


def _looked_up(found: re.Match[str], values: Mapping[str, Any]) -> Any:
    name = found[1] or found[2]
    if name not in values:
        raise ConfigurationError("steps", found[0], with_nearest(f"a parameter: {', '.join(values)}", name, values))
    return values[name]
