"""The JSON Schema of scenario files, for editors: completion, and red lines under what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scenarios.model import Scenario

FILE = Path(__file__).with_name("schema.json")
"""Where the current one is kept; editors are pointed at it."""


def schema_text() -> str:
    """The schema of the present model; `python -m scenarios schema > scenarios/schema.json` brings `FILE` up to it."""
    schema = Scenario.model_json_schema(mode="validation")
    _add_short_forms(schema["$defs"])
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Scenario"}
    return json.dumps({**head, **schema}, indent=1, ensure_ascii=False) + "\n"


def _add_short_forms(models: dict[str, Any]) -> None:
    """`calls: busy` and `calls: [busy, {…}]`, which the phone's model writes out before it looks."""
    plan = models["CallPlan"]
    outcomes = plan["properties"]["then"]["enum"]
    models["CallPlan"] = {"anyOf": [{"enum": outcomes}, plan], "description": plan["description"]}
    calls = models["PhoneSpec"]["properties"]["calls"]
    models["PhoneSpec"]["properties"]["calls"] = {"anyOf": [{"$ref": "#/$defs/CallPlan"}, calls]}
