"""Daily's request models as a scenario file writes them: all text, and every option optional.

The server's own models stay the one place that knows Daily's options. What is derived from them here finds mistyped
option names and types before anything runs, and where it is asked for, values that the server would refuse.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, Field, TypeAdapter, ValidationError, create_model
from pydantic.fields import FieldInfo

from scenarios.words import Model, Text
from simulator.validation_errors import as_configuration_error


class Written(Model):
    """Options of something of Daily's."""

    def as_json(self) -> dict[str, Any]:
        """The options that were written, under Daily's names and with the types that Daily's JSON has."""
        return self.model_dump(mode="json", exclude_unset=True, by_alias=True)


@cache
def as_written(model: type[BaseModel], *, checked: bool = False) -> type[Written]:
    """The model for the same fields in a scenario file; `checked` refuses values that `model` would refuse."""
    fields: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        written = _lenient(field.annotation) | None
        kind = Annotated[written, AfterValidator(_check(field))] if checked else written
        fields[name] = kind, Field(default=None, alias=field.alias or name)
    return create_model(model.__name__, __base__=Written, __doc__=model.__doc__, **fields)


def _check(field: FieldInfo) -> Callable[[Any], Any]:
    """Refuses what the field would refuse; a value with a reference in it is not known yet."""

    @cache
    def adapter() -> TypeAdapter[Any]:
        wanted: Any = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
        return TypeAdapter(wanted)

    def check(value: Any) -> Any:
        said = value.as_json() if isinstance(value, Written) else value
        if said is not None and "$" not in str(said):
            try:
                adapter().validate_python(said)
            except ValidationError as wrong:
                (error, *_) = wrong.errors()
                raise error.get("ctx", {}).get("error") or as_configuration_error(wrong) from None
        return value

    return check


def typed_where_known(model: type[BaseModel], options: dict[str, Any]) -> dict[str, Any]:
    """`options` with Daily's types where name and value allow it, and as written elsewhere."""
    fields = {field.alias: field for field in as_written(model).model_fields.values()}
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


def _lenient(annotation: Any) -> Any:
    """Without strictness, limits and validators, all the way down."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _lenient(annotation.__origin__)
    if origin in (Union, UnionType):
        return Union[tuple(_lenient(each) for each in arguments)]  # noqa: UP007 - made of values
    if origin in (tuple, list):
        return list[_lenient(arguments[0])]  # type: ignore[misc]  # made of values
    if origin is dict:
        return dict[str, _lenient(arguments[1])]  # type: ignore[misc]  # made of values
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return as_written(annotation)
    return Text if annotation is str else annotation
