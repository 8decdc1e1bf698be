"""The routes of `/_sim`, and their OpenAPI document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi

from fake_daily_server.control.calls import CALL_VERBS
from fake_daily_server.control.events import add_events
from fake_daily_server.control.phones import add_phones
from fake_daily_server.control.records import add_records
from fake_daily_server.control.rooms import add_rooms
from fake_daily_server.control.routes import control_route
from fake_daily_server.control.server import add_server
from fake_daily_server.control.story import add_story
from fake_daily_server.control.talk import add_talk
from fake_daily_server.control.trigger import add_trigger
from fake_daily_server.sandbox.routes import add_sandbox

if TYPE_CHECKING:
    from fake_daily_server.server import FakeDaily

DESCRIPTION = """Control of the fake Daily and its telephone network by tests in any language.

Add a phone, let it dial or wait for a call, send DTMF digits, send and expect audio; join a scripted participant to a
room; list the events of a room and wait for them. No API key is needed. Every wait has a limit, `within_ms`; when it
expires the answer is 408, and `info` says in a few lines what was expected, what came nearest, why, and what happened
instead."""


_TAGS = {"phones": "phones", "rooms": "rooms and clients", "clients": "rooms and clients"}
"""The heading of a route in Swagger UI, by the first part of its path."""
_OTHER_TAG = "network, time and records"

REFUSALS = {
    "400": "A value is invalid: `invalid-request-error`",
    "404": "There is no such phone, room or participant: `not-found`",
    "408": "What the request waited for did not happen: `expectation-failed`; `info` says what did",
    "409": "The state of the call does not allow this: `call-error`",
}


def control_router(daily: FakeDaily) -> APIRouter:
    """Build all routes under `/_sim`, and `/_sim/openapi.json`."""
    router = APIRouter(prefix="/_sim", route_class=control_route(daily.timeline))
    add_phones(router, daily)
    add_talk(router, daily)
    add_rooms(router, daily)
    add_events(router, daily)
    add_records(router, daily)
    add_story(router, daily)
    add_server(router, daily)
    add_trigger(router, daily)
    add_sandbox(router, daily)

    @router.get("/openapi.json", include_in_schema=False)
    async def describe() -> dict[str, Any]:
        return _with_answers(
            get_openapi(
                title="Control API of the fake Daily", version="1", description=DESCRIPTION, routes=router.routes
            )
        )

    return router


def _with_answers(document: dict[str, Any]) -> dict[str, Any]:
    """Add the error responses, which all routes share. Declaring them at each route would cost 50 ms at the start."""
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/Refused"}}}
    text = {"type": "string"}
    schemas = document["components"]["schemas"]
    for fastapi_model in ("HTTPValidationError", "ValidationError"):
        schemas.pop(fastapi_model, None)
    schemas["Refused"] = {
        "type": "object",
        "description": "Every answer other than 200: `error` is a code, `info` an explanation.",
        "properties": {"error": text, "info": text},
        "required": ["error", "info"],
    }
    call = {"application/json": {"schema": {"$ref": "#/components/schemas/CallView"}}}
    verbs = {f"phone-{verb.name}" for verb in CALL_VERBS}
    for path, operations in document["paths"].items():
        for operation in operations.values():
            operation["tags"] = [_TAGS.get(path.split("/")[2], _OTHER_TAG)]
            operation["responses"].pop("422", None)
            if operation["operationId"] in verbs:
                operation["responses"]["200"] = {"description": "The call after the verb", "content": call}
            for status, description in REFUSALS.items():
                operation["responses"][status] = {"description": description, "content": body}
    return document
