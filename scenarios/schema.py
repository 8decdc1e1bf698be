"""The JSON Schema of scenario files, for editors: completion, and red lines under what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

from scenarios.model import Scenario

FILE = Path(__file__).with_name("schema.json")
"""Where the current one is kept; editors are pointed at it."""


def schema_text() -> str:
    """The schema of the present model. Where it differs from `FILE`, run `python -m scenarios schema > …`."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Scenario",
        **Scenario.model_json_schema(mode="validation"),
    }
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
