"""`python -m fake_daily_server.contract.schema` writes signalling.json beside this file, or says that it is stale.

With `--check` nothing is written, and the exit status is 1 when the file differs from the models.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema

from fake_daily_server.contract import messages

PATH = Path(__file__).with_name("signalling.json")


def signalling_schema() -> dict[str, Any]:
    """JSON Schema 2020-12: `$defs/ClientFrame`, `$defs/ServerFrame` and `$defs/JoinResult`, and what they use."""
    inputs: list[tuple[Any, Any, TypeAdapter[Any]]] = [
        ("client", "validation", TypeAdapter(messages.Request)),
        ("server", "validation", TypeAdapter(messages.ServerFrame)),
    ]
    frames, shared = TypeAdapter.json_schemas(inputs, by_alias=True, ref_template="#/$defs/{model}")
    _, extra = models_json_schema([(messages.JoinResult, "validation")], ref_template="#/$defs/{model}")
    definitions = {**shared["$defs"], **extra["$defs"]}
    definitions["ClientFrame"] = frames[("client", "validation")]
    definitions["ServerFrame"] = frames[("server", "validation")]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Signalling of the fake Daily",
        "description": "Frames of the WebSocket at a room URL. See docs/signalling.md.",
        "anyOf": [{"$ref": "#/$defs/ClientFrame"}, {"$ref": "#/$defs/ServerFrame"}],
        "$defs": dict(sorted(definitions.items())),
    }


def main(arguments: list[str]) -> int:
    """Write the file, or compare it with `--check`."""
    text = json.dumps(signalling_schema(), indent=2, ensure_ascii=False) + "\n"
    if "--check" not in arguments:
        PATH.write_text(text, encoding="utf-8")
        return 0
    if PATH.exists() and PATH.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(f"{PATH} is not what the models say; run python -m fake_daily_server.contract.schema\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
