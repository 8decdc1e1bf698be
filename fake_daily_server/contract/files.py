"""The schema files of the contract, read once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

ContractName = Literal["events", "webhooks", "rest", "signalling"]
Schema = Mapping[str, Any]


@cache
def contract_schema(name: ContractName) -> Schema:
    """The JSON Schema of one part of the contract."""
    schema: Schema = json.loads(Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8"))
    return schema


def resolved(about: Schema, schema: Schema) -> Schema:
    """A definition, or the one that it refers to with `$ref`."""
    if "$ref" not in about:
        return about
    definition: Schema = schema["$defs"][about["$ref"].rpartition("/")[2]]
    return definition


def definition_at(ref: str, schema: Schema) -> Schema:
    """The definition that a reference such as `#/$defs/Envelope` names."""
    return resolved({"$ref": ref}, schema)
