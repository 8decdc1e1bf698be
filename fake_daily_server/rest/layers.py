"""Pure-ASGI layers round the REST API: the timeline's `rest` records, and the API key."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fake_daily_server.errors import BadAuthorizationHeader, DailyError, WrongApiKey
from fake_daily_server.rest.errors import answer
from simulator.timeline import Timeline

API = "/v1"
PUBLIC = frozenset({"/v1/openapi.json"})
"""Readable without an API key."""


def _is_api(scope: Scope) -> bool:
    return scope["type"] == "http" and f"{scope['path']}/".startswith(f"{API}/")


class RecordCalls:
    """Puts one `rest` record on the timeline for each call under /v1: method, path, status, ms."""

    def __init__(self, app: ASGIApp, timeline: Timeline) -> None:
        self._app = app
        self._timeline = timeline

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_api(scope):
            await self._app(scope, receive, send)
            return
        began = time.monotonic()
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            self._timeline.append(
                "rest",
                method=scope["method"],
                path=scope["path"],
                status=status or 500,
                ms=round((time.monotonic() - began) * 1000, 3),
            )


class RequireApiKey:
    """Refuses calls under /v1 without the domain's API key, before anything else is looked at.

    https://docs.daily.co/reference/rest-api#authentication
    """

    def __init__(self, app: ASGIApp, api_key: str) -> None:
        self._app = app
        self._api_key = api_key.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope["headers"]) if _is_api(scope) and scope["path"] not in PUBLIC else None
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            await answer(refusal)(scope, receive, send)

    def _refusal(self, headers: Iterable[tuple[bytes, bytes]]) -> DailyError | None:
        given = next((value for name, value in headers if name == b"authorization"), None)
        if given is None:
            return BadAuthorizationHeader("no Authorization header; send 'Authorization: Bearer <API key>'")
        scheme, _, key = given.partition(b" ")
        if scheme.lower() != b"bearer" or not key.strip():
            return BadAuthorizationHeader("the Authorization header must have the form 'Bearer <API key>'")
        if not secrets.compare_digest(key.strip(), self._api_key):
            return WrongApiKey("the API key is not the one of this server's domain")
        return None
