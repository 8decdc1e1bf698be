"""All of `/_sim` as one router, and its description."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi

from fake_daily_server.control.calls import CALL_VERBS
from fake_daily_server.control.phones import add_phones
from fake_daily_server.control.rooms import add_rooms
from fake_daily_server.control.route import ControlRoute
from fake_daily_server.control.timeline import add_server

if TYPE_CHECKING:
    from fake_daily_server.server import FakeDaily

DESCRIPTION = """What a test does with the fake Daily and its telephone network, from any language.

Make a phone, let it dial or be dialled, press keys, say and hear things; let a scripted participant join a room; read
and await the events of a room. No API key is needed. Waits have a limit, `within_ms`; one that fails is answered with
408, and `info` says in a few lines what was expected, what came nearest, why, and what happened."""


REFUSALS = {
    "400": "A value that cannot be used: `invalid-request-error`",
    "404": "No such phone, room or participant: `not-found`",
    "408": "What was awaited did not happen: `expectation-failed`; `info` says what did",
    "409": "The call is in no state for this: `call-error`",
}


def control_router(daily: FakeDaily) -> APIRouter:
    """The routes under `/_sim`, `/_sim/openapi.json` included."""
    router = APIRouter(prefix="/_sim", route_class=ControlRoute)
    add_phones(router, daily)
    add_rooms(router, daily)
    add_server(router, daily)

    @router.get("/openapi.json", include_in_schema=False)
    async def describe() -> dict[str, Any]:
        return _with_answers(
            get_openapi(
                title="Control API of the fake Daily", version="1", description=DESCRIPTION, routes=router.routes
            )
        )

    return router


def _with_answers(document: dict[str, Any]) -> dict[str, Any]:
    """Describe here what many routes answer: said at each route, it would make every server start 50 ms later."""
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/Refused"}}}
    text = {"type": "string"}
    schemas = document["components"]["schemas"]
    for of_fastapi in ("HTTPValidationError", "ValidationError"):
        schemas.pop(of_fastapi, None)
    schemas["Refused"] = {
        "type": "object",
        "description": "Every answer but 200: `error` for machines, `info` for people.",
        "properties": {"error": text, "info": text},
        "required": ["error", "info"],
    }
    call = {"application/json": {"schema": {"$ref": "#/components/schemas/CallView"}}}
    verbs = {f"phone-{verb.name}" for verb in CALL_VERBS}
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            if operation["operationId"] in verbs:
                operation["responses"]["200"] = {"description": "The call as it is then", "content": call}
            for status, description in REFUSALS.items():
                operation["responses"][status] = {"description": description, "content": body}
    return document
