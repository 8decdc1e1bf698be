"""What models of scenario files are made of: frozen, strict, and all text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag
from typing_extensions import TypeAliasType

from scenarios.values import check_text

if TYPE_CHECKING:
    from scenarios.source import Tree

_ANY_SCALAR = {"type": ["string", "number", "boolean"]}


class Model(BaseModel):
    """Immutable, strict about unknown fields, and documented by its attributes' docstrings."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )


def _shape(value: Any) -> str:
    return "<list>" if isinstance(value, list) else "<mapping>" if isinstance(value, dict) else "<text>"


Text = Annotated[str, Field(json_schema_extra=_ANY_SCALAR)]
"""Text that may look like a number: digits, codes."""

if TYPE_CHECKING:
    Wanted = Tree
else:
    Wanted = TypeAliasType(
        "Wanted",
        Annotated[
            Annotated[str, AfterValidator(check_text), Field(json_schema_extra=_ANY_SCALAR), Tag("<text>")]
            | Annotated[list["Wanted"], Tag("<list>")]
            | Annotated[dict[str, "Wanted"], Tag("<mapping>")],
            Discriminator(_shape),
        ],
    )
"""What a value is compared with; see `scenarios.values`."""

Fields = dict[str, Wanted]
"""Named fields, each compared; the ones not named are left alone."""

Saves = Annotated[dict[Annotated[str, Field(pattern=r"^[A-Za-z_]\w*$")], str], Field(min_length=1)]
"""A name for later steps (`$name`), and the field that it is taken from."""

Milliseconds = Annotated[int, Field(ge=0, le=600_000)]


def nothing_is_none(value: Any) -> Any:
    """`field: null`, `field: ~` and a bare `field:` all mean nothing."""
    return None if value in ("", "~", "null") else value


OrNothing = BeforeValidator(nothing_is_none)
