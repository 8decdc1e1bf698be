"""Models of Daily's request options in scenario files, where every value is text and every option is optional.

They are derived from the models of the fake Daily, which remain the only definition of the options. Before a scenario
runs they detect misspelt options, wrong types and, with `check_values`, values that the server would refuse.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, Field, TypeAdapter, ValidationError, create_model
from pydantic.fields import FieldInfo

from scenarios.language.field_types import Model, Text
from simulator.validation_errors import as_configuration_error


class DailyOptions(Model):
    """Base of the derived models: options of one request to Daily, or the properties of a room."""

    def as_json(self) -> dict[str, Any]:
        """The options given in the file, with Daily's names and JSON types."""
        return self.model_dump(mode="json", exclude_unset=True, by_alias=True)


@cache
def options_model(model: type[BaseModel], *, check_values: bool = False) -> type[DailyOptions]:
    """Derive the model for a scenario file from a model of the fake Daily.

    The derived model has the same fields, all optional. With `check_values` it refuses the values that `model` refuses,
    except those with a reference `$name`.
    """
    fields: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        annotation = _without_constraints(field.annotation) | None
        kind = Annotated[annotation, AfterValidator(_value_check(field))] if check_values else annotation
        fields[name] = kind, Field(default=None, alias=field.alias or name)
    return create_model(model.__name__, __base__=DailyOptions, __doc__=model.__doc__, **fields)


def _value_check(field: FieldInfo) -> Callable[[Any], Any]:
    """A validator that applies the field's own constraints, except to values with a reference `$name`."""

    @cache
    def adapter() -> TypeAdapter[Any]:
        constrained: Any = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
        return TypeAdapter(constrained)

    def check(value: Any) -> Any:
        given = value.as_json() if isinstance(value, DailyOptions) else value
        if given is not None and "$" not in str(given):
            try:
                adapter().validate_python(given)
            except ValidationError as invalid:
                (error, *_) = invalid.errors()
                raise error.get("ctx", {}).get("error") or as_configuration_error(invalid) from None
        return value

    return check


def with_known_types(model: type[BaseModel], options: dict[str, Any]) -> dict[str, Any]:
    """Convert `options` to the types of `model`; unknown options and inconvertible values are unchanged."""
    fields = {field.alias: field for field in options_model(model).model_fields.values()}
    typed = dict(options)
    for name in options.keys() & fields.keys():
        annotation: Any = fields[name].annotation
        adapter = TypeAdapter[Any](annotation)
        try:
            value = adapter.validate_python(options[name])
        except ValidationError:
            continue
        typed[name] = adapter.dump_python(value, mode="json", exclude_unset=True, by_alias=True)
    return typed


def _without_constraints(annotation: Any) -> Any:
    """The annotation without strictness, limits and validators, at every level of nesting."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _without_constraints(annotation.__origin__)
    if origin in (Union, UnionType):
        return Union[tuple(_without_constraints(each) for each in arguments)]  # noqa: UP007 - built at run time
    if origin in (tuple, list):
        return list[_without_constraints(arguments[0])]  # type: ignore[misc]  # built at run time
    if origin is dict:
        return dict[str, _without_constraints(arguments[1])]  # type: ignore[misc]  # built at run time
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return options_model(annotation)
    return Text if annotation is str else annotation
