"""The JSON Schema of scenario files, by which editors complete words and mark mistakes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

from scenarios.language.attribute_docstrings import add_descriptions
from scenarios.language.field_types import Model
from scenarios.scenario import Scenario
from simulator.phone_spec import BareOutcome

FILE = Path(__file__).with_name("schema.json")
"""The committed schema, which the first line of a scenario file points editors to."""


def schema_text() -> str:
    """The JSON Schema of the scenario models. `make generate` writes it to `FILE`."""
    schema = Scenario.model_json_schema(mode="validation")
    add_descriptions({**schema["$defs"], "Scenario": schema}, Model)
    _add_short_forms(schema["$defs"])
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Scenario"}
    return json.dumps({**head, **schema}, indent=1, ensure_ascii=False) + "\n"


def _add_short_forms(models: dict[str, Any]) -> None:
    """Add the short forms `calls: busy` and `calls: [busy, {…}]`, which the models expand before they validate."""
    plan = models["CallPlan"]
    bare = list(get_args(BareOutcome))
    models["CallPlan"] = {"anyOf": [{"enum": bare}, plan], "description": plan["description"]}
    calls = models["PhoneSpec"]["properties"]["calls"]
    phone = models["PhoneSpec"]
    phone["properties"]["calls"] = {"anyOf": [{"$ref": "#/$defs/CallPlan"}, calls]}
    del phone["additionalProperties"]  # the parameters of a persona may stand beside it
    phone["if"] = {"not": {"required": ["persona"]}}
    phone["then"] = {"propertyNames": {"enum": [*phone["properties"]]}}
