"""ASGI middleware of the REST API: logs calls, and checks the API key."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fake_daily_server.domain.api_log import MAX_BODY_BYTES, ApiLog, ApiLogEntry
from fake_daily_server.rest.fault_middleware import FAULT
from fake_daily_server.rest.faults import NO_EFFECT
from fake_daily_server.rest.logged_bodies import without_passwords
from fake_daily_server.rest.requested_verbs import requested_verb
from fake_daily_server.values.errors import BadAuthorizationHeader, DailyError, WrongApiKey
from fake_daily_server.values.participants import timestamp
from fake_daily_server.web.error_answers import answer
from fake_daily_server.web.page_access import PageAccess
from simulator.timeline import Timeline

API_PREFIX = "/v1"
_ERRORS_FROM = 400
"""The first HTTP status of an error."""
_STATUS_OF_EXCEPTIONS = 500
"""The status of the response that the HTTP server makes of an exception."""
_CLOSED = (
    "other machines reach this server, so that the control API and the sandbox need a key: programs send "
    "'Authorization: Bearer <API key>'; a browser opens the address with a token that daily-sim serve --sandbox prints"
)
PUBLIC_PATHS = frozenset({"/v1/openapi.json"})
"""Paths that need no API key."""


def _is_api(scope: Scope) -> bool:
    return scope["type"] == "http" and _is_below(scope["path"], API_PREFIX)


def _is_below(path: str, prefix: str) -> bool:
    return f"{path}/".startswith(f"{prefix}/")


class _Exchange:
    """Forwards the ASGI messages of one call; keeps its status and the first MAX_BODY_BYTES of each body.

    `on_end` is called once: before the last part of the response is sent, so that whoever has the response finds what
    `on_end` has written; or by `end`.
    """

    def __init__(self, receive: Receive, send: Send, on_end: Callable[[_Exchange], None]) -> None:
        self._receive = receive
        self._send = send
        self._on_end: Callable[[_Exchange], None] | None = on_end
        self.status: int | None = None
        """The status of the response; None as long as none has begun."""
        self.request = b""
        self.request_bytes = 0
        """The length of the request body as far as it was read; of a longer one, `request` is the beginning."""
        self.request_ended = False
        """Whether the request body was read to its end."""
        self.response = b""

    @property
    def refusal(self) -> dict[str, Any]:
        """`error` and `info` of an error response, as fields of a record; `refused` is None for any other response."""
        if self.status is None or self.status < _ERRORS_FROM:
            return {"refused": None}
        try:
            body = json.loads(self.response)
        except ValueError:
            return {"refused": None}
        if not isinstance(body, dict) or "info" not in body:
            return {"refused": None}
        return {"refused": str(body["info"]), "error": str(body.get("error"))}

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            body = message.get("body", b"")
            self.request += body[: MAX_BODY_BYTES - len(self.request)]
            self.request_bytes += len(body)
            self.request_ended = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif message["type"] == "http.response.body":
            self.response += message.get("body", b"")[: MAX_BODY_BYTES - len(self.response)]
            if not message.get("more_body", False):
                self.end()
        await self._send(message)

    def end(self) -> None:
        """Call `on_end` if it has not been called."""
        on_end, self._on_end = self._on_end, None
        if on_end is not None:
            on_end(self)


def _has_body(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a request says that it has a body (RFC 9112 §6)."""
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value.strip() != b"0") for name, value in headers
    )


def _user_agent(headers: Iterable[tuple[bytes, bytes]]) -> str:
    return next((value.decode("latin-1") for name, value in headers if name == b"user-agent"), "")


class ApiLogMiddleware:
    """Records each call under /v1.

    The timeline gets its method, path, status, duration in ms and user agent, the fault that has taken it, and what it
    requests if clients can request the same; the API log gets its bodies as well. A request whose connection was reset
    has no status.
    """

    def __init__(self, app: ASGIApp, timeline: Timeline, log: ApiLog, now: Callable[[], float]) -> None:
        self._app = app
        self._timeline = timeline
        self._log = log
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_api(scope):
            await self._app(scope, receive, send)
            return
        started = time.monotonic()
        exchange = _Exchange(receive, send, lambda ended: self._record(scope, ended, started))
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except BaseException:
            exchange.status = exchange.status or _STATUS_OF_EXCEPTIONS
            raise
        finally:
            exchange.end()

    def _record(self, scope: Scope, exchange: _Exchange, started: float) -> None:
        path, fault = scope["path"], scope.get(FAULT)
        ms, agent = round((time.monotonic() - started) * 1000, 3), _user_agent(scope["headers"])
        record = self._timeline.append(
            "rest",
            method=scope["method"],
            path=path,
            status=exchange.status,
            ms=ms,
            **({"refused": f"the fault {fault} is set"} if fault in NO_EFFECT else exchange.refusal),
            **({"fault": fault} if fault else {}),
            agent=agent,
            **requested_verb(scope["method"], path, exchange.request),
        )
        if exchange.status is None:
            return  # its connection was lost, so that Daily knows nothing of it
        self._log.append(
            ApiLogEntry(
                "api",
                scope["method"],
                path,
                exchange.status,
                timestamp(datetime.fromtimestamp(self._now(), UTC)),
                ip=scope["client"][0] if scope.get("client") else "",
                request=without_passwords(path, exchange.request),
                response=b"" if path.startswith(f"{API_PREFIX}/logs") else without_passwords(path, exchange.response),
                record=record.seq,
                query=scope.get("query_string", b"").decode("latin-1"),
                ms=ms,
                agent=agent,
                whole=exchange.request_bytes == len(exchange.request)
                and (exchange.request_ended or not _has_body(scope["headers"])),
            )
        )


class ApiKeyMiddleware:
    """Refuses calls under /v1 without the domain's API key, before anything else of the call is checked.

    Below the path of `page`, unless it is open, calls need the key or the page's cookie.
    https://docs.daily.co/reference/rest-api#authentication
    """

    def __init__(self, app: ASGIApp, api_key: str, page: PageAccess) -> None:
        self._app = app
        self._api_key = api_key.encode()
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal: DailyError | None = None
        if _is_api(scope) and scope["path"] not in PUBLIC_PATHS:
            refusal = self._refusal(scope["headers"])
        elif self._is_page_closed(scope) and not self._page.is_opened_by(scope):
            refusal = self._refusal(scope["headers"])
            if isinstance(refusal, BadAuthorizationHeader):
                refusal = WrongApiKey(_CLOSED)
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            await answer(refusal)(scope, receive, send)

    def _is_page_closed(self, scope: Scope) -> bool:
        return scope["type"] == "http" and not self._page.is_open and _is_below(scope["path"], self._page.below)

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
