"""The field types of scenario files. A file contains only texts, and lists and mappings of texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag
from typing_extensions import TypeAliasType

from scenarios.language.comparison import check_text

Tree = str | list["Tree"] | dict[str, "Tree"]
"""The content of a scenario file, or of a part of it: every scalar is text."""

_ANY_SCALAR = {"type": ["string", "number", "boolean"]}
_ANY_VALUE = {"type": ["string", "number", "boolean", "null"]}


class Model(BaseModel):
    """Base of the models of a scenario file: immutable, without unknown fields, with docstrings of their fields."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )


def _shape(value: Any) -> str:
    return "<list>" if isinstance(value, list) else "<mapping>" if isinstance(value, dict) else "<text>"


Text = Annotated[str, Field(json_schema_extra=_ANY_SCALAR)]
"""Text that may be written as a number, such as digits and codes."""

if TYPE_CHECKING:
    Expected = Tree
else:
    Expected = TypeAliasType(
        "Expected",
        Annotated[
            Annotated[str, AfterValidator(check_text), Field(json_schema_extra=_ANY_VALUE), Tag("<text>")]
            | Annotated[list["Expected"], Tag("<list>")]
            | Annotated[dict[str, "Expected"], Tag("<mapping>")],
            Discriminator(_shape),
        ],
    )
"""An expected value: text, a pattern, a tolerance, or lists and mappings of them; see `language.comparison`."""

ExpectedFields = dict[str, Expected]
"""Expected values by field name. Fields that are not named are ignored."""

Saves = Annotated[dict[Annotated[str, Field(pattern=r"^[A-Za-z_]\w*$")], str], Field(min_length=1)]
"""Variables to save for later steps: maps each name (used as `$name`) to the field with its value."""

Milliseconds = Annotated[int, Field(ge=0, le=600_000)]


def _null_as_none(value: Any) -> Any:
    return None if value in ("", "~", "null") else value


NullAsNone = BeforeValidator(_null_as_none)
"""Reads `field: null`, `field: ~` and an empty `field:` as None."""
