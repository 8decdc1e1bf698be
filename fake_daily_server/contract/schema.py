"""`python -m fake_daily_server.contract.schema` generates the JSON Schemas beside this file from the models.

With `--check` nothing is written, and the exit status is 1 if a file differs from the models. `x-source` of every field
names the page that documents the field, how well it is known, and what was decided if no page states it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from fake_daily_server.contract import customer_requests, read_only_room_config
from fake_daily_server.contract.field_sources import Sources
from fake_daily_server.signalling import events, messages
from fake_daily_server.webhooks.event_table import PAYLOADS
from fake_daily_server.webhooks.payloads import Envelope
from simulator.errors import ConfigurationError

FOLDER = Path(__file__).parent
DIALECT = "https://json-schema.org/draft/2020-12/schema"
REF = "#/$defs/{model}"

Schema = dict[str, Any]


class SentSchema(GenerateJsonSchema):
    """Generates the schema of what the server sends, in which an optional field may be absent but is never null."""

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """The schema of a field with a default. With `x: T | None = None`, it is that of T: the field may be absent."""
        inner = schema["schema"]
        if schema.get("default", ...) is None and inner["type"] == "nullable":
            return self.generate_inner(inner["schema"])
        return super().default_schema(schema)

    def field_is_required(
        self,
        field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField,
        total: bool,
    ) -> bool:
        """Whether the field is always present, as is every field with a default other than None."""
        schema = field["schema"]
        if schema["type"] == "default" and schema.get("default") is not None:
            return True
        return super().field_is_required(field, total)


def _definitions(models: Sequence[type[BaseModel]]) -> dict[str, Schema]:
    _, found = models_json_schema(
        [(model, "validation") for model in models], ref_template=REF, schema_generator=SentSchema
    )
    return dict(found["$defs"])


def events_schema() -> Schema:
    """The events that clients receive: `$defs`, and in `x-events` the definition of each action."""
    return {
        "$schema": DIALECT,
        "title": "Events of the fake Daily's clients",
        "description": "As delivered; on the timeline the same without callClientId.",
        "oneOf": [{"$ref": REF.format(model=model.__name__)} for model in events.BY_ACTION.values()],
        "x-events": {action: REF.format(model=model.__name__) for action, model in events.BY_ACTION.items()},
        "$defs": _definitions(tuple(events.BY_ACTION.values())),
    }


def webhooks_schema() -> Schema:
    """The requests to customers' servers: `$defs`, and in `x-types` the definition of each event type."""
    others = (
        customer_requests.WebhookTest,
        customer_requests.RoomCreationRequest,
        customer_requests.RoomCreationProbe,
        customer_requests.SipTrunkTest,
        customer_requests.SipTrunkIncoming,
    )
    definitions = _definitions((Envelope, *PAYLOADS.values(), *others))
    envelope = definitions["Envelope"]
    for kind, payload in PAYLOADS.items():
        definitions[kind] = {
            "type": "object",
            "allOf": [{"$ref": REF.format(model="Envelope")}],
            "properties": {"type": {"const": kind}, "payload": {"$ref": REF.format(model=payload.__name__)}},
            "required": envelope["required"],
        }
    return {
        "$schema": DIALECT,
        "title": "Requests of the fake Daily to its customers' servers",
        "anyOf": [{"$ref": REF.format(model=name)} for name in (*PAYLOADS, *(other.__name__ for other in others))],
        "x-types": {kind: REF.format(model=kind) for kind in PAYLOADS},
        "$defs": definitions,
    }


def rest_schema() -> Schema:
    """The bodies of the REST API: `$defs`, and in `x-routes` the request and answer of each route."""
    document = _openapi()
    definitions = {**document["components"]["schemas"], **_definitions((read_only_room_config.ReadOnlyRoomConfig,))}
    properties, read_only = REF.format(model="RoomProperties"), REF.format(model="ReadOnlyRoomConfig")
    definitions["RoomObject"]["properties"]["config"] |= {"allOf": [{"$ref": properties}, {"$ref": read_only}]}
    definitions["DialinObject"]["properties"]["config"] |= {"allOf": [{"$ref": REF.format(model="DialinFields")}]}
    routes = {
        f"{method.upper()} {path}": _bodies(operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if path.startswith("/v1/")
    }
    return {
        "$schema": DIALECT,
        "title": "Bodies of the fake Daily's REST API",
        "description": "Every other answer than 200 is an ErrorBody. Parameters of path and query: /v1/openapi.json.",
        "x-routes": routes,
        "$defs": definitions,
    }


def _openapi() -> Schema:
    from fake_daily_server.app import create_app  # noqa: PLC0415  # only here: it loads the whole server
    from fake_daily_server.settings import Settings  # noqa: PLC0415
    from fake_daily_server.site import Site  # noqa: PLC0415
    from simulator.timeline import Timeline  # noqa: PLC0415

    site = Site(Settings(), Timeline(), base_url="http://127.0.0.1:1", sip_address="127.0.0.1:1")
    text = json.dumps(create_app(site).openapi()).replace("#/components/schemas/", "#/$defs/")
    document: Schema = json.loads(text)
    return document


def _bodies(operation: Mapping[str, Any]) -> Schema:
    found = {
        "request": operation.get("requestBody"),
        "answer": operation["responses"].get("200"),
    }
    return {
        name: body["content"]["application/json"]["schema"]
        for name, body in found.items()
        if body is not None and "application/json" in body.get("content", {})
    }


def signalling_schema() -> Schema:
    """The frames of the WebSocket: `ClientFrame`, `ServerFrame`, the results of requests, and what these refer to."""
    adapters: list[tuple[Any, Any, TypeAdapter[Any]]] = [
        ("client", "validation", TypeAdapter(messages.Request)),
        ("server", "validation", TypeAdapter(messages.ServerFrame)),
    ]
    frames, shared = TypeAdapter.json_schemas(adapters, by_alias=True, ref_template=REF)
    results = (messages.JoinResult, messages.ResumeResult, messages.RoomResult)
    _, extra = models_json_schema([(result, "validation") for result in results], ref_template=REF)
    sent = _definitions(tuple(events.BY_ACTION.values()))
    in_requests = TypeAdapter(messages.Request).json_schema()["$defs"]
    only_sent = {name: definition for name, definition in sent.items() if name not in in_requests}
    definitions = {**shared["$defs"], **extra["$defs"], **only_sent}
    definitions["ClientFrame"] = frames[("client", "validation")]
    definitions["ServerFrame"] = frames[("server", "validation")]
    return {
        "$schema": DIALECT,
        "title": "Signalling of the fake Daily",
        "description": "Frames of the WebSocket at a room URL. See docs/signalling.md.",
        "anyOf": [{"$ref": "#/$defs/ClientFrame"}, {"$ref": "#/$defs/ServerFrame"}],
        "$defs": definitions,
    }


CONTRACTS: Mapping[str, tuple[Callable[[], Schema], tuple[str, ...]]] = {
    "events": (events_schema, ("events", "shared")),
    "webhooks": (webhooks_schema, ("webhooks",)),
    "rest": (rest_schema, ("rest", "shared")),
    "signalling": (signalling_schema, ("signalling", "events", "shared")),
}
"""For each contract: the function that generates its schema, and the sections of sources.yaml for its objects."""


def path(contract: str) -> Path:
    """The schema file of a contract."""
    return FOLDER / f"{contract}.json"


def schema(contract: str, sources: Sources | None = None) -> Schema:
    """Generate one contract, with the source of every field. Raises ConfigurationError for a field without a source."""
    generate, sections = CONTRACTS[contract]
    generated = generate()
    known = sources or Sources()
    for name, definition in generated["$defs"].items():
        fields = known.find(sections, name)
        for field, about in definition.get("properties", {}).items():
            if name in PAYLOADS:
                continue
            if fields is None or field not in fields:
                raise ConfigurationError(
                    f"{contract}: {name}.{field}",
                    "no source",
                    f"an entry for the field in {' or '.join(sections)} of sources.yaml",
                )
            about["x-source"] = fields[field].as_dict()
    return {**generated, "$defs": dict(sorted(generated["$defs"].items()))}


def main(arguments: Sequence[str]) -> int:
    """Write the schema files, or with `--check` compare them with the models; return the exit status."""
    stale = []
    for contract in CONTRACTS:
        text = json.dumps(schema(contract), indent=2, ensure_ascii=False) + "\n"
        file = path(contract)
        if "--check" not in arguments:
            file.write_text(text, encoding="utf-8")
        elif not file.exists() or file.read_text(encoding="utf-8") != text:
            stale.append(file.name)
    if stale:
        sys.stderr.write(
            f"{', '.join(stale)}: not up to date with the models; run python -m fake_daily_server.contract.schema\n"
        )
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
