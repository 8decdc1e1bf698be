"""The docstrings of fields as descriptions in JSON Schemas."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from scenarios.language.attribute_docstrings import add_descriptions


class Base(BaseModel):
    inherited: int = 0
    """From the base,
    in two lines."""


class Child(Base):
    own: int = 0
    """Of the child."""
    named: int = Field(0, alias="called")
    """By its alias."""
    told: int = Field(0, description="In Field.")
    """Not this."""
    untold: int = 0


def test_properties_get_the_docstrings_of_fields_also_of_inherited_ones() -> None:
    schema: dict[str, Any] = Child.model_json_schema()
    add_descriptions({"Child": schema}, Base)
    assert {name: about.get("description") for name, about in schema["properties"].items()} == {
        "inherited": "From the base,\nin two lines.",
        "own": "Of the child.",
        "called": "By its alias.",
        "told": "In Field.",
        "untold": None,
    }
