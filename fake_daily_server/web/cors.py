"""Pages of this machine may call the server from a browser; pages from elsewhere may not."""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fake_daily_server.values.errors import Forbidden
from fake_daily_server.web.error_answers import answer

PREFIXES = ("/static/", "/call-machine/", "/_sim/", "/v1/")
"""Paths that pages may read."""

METHODS = b"GET, POST, PUT, PATCH, DELETE"
_LOOPBACK = re.compile(rb"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?|null")
"""Dev servers on this machine, whatever their port; `null` is the origin of pages opened from disk."""
_PREFLIGHT_HOLDS_S = b"600"


class AllowLoopbackPages:
    """Answers preflights of loopback origins, before the API key is asked for, and marks their answers as readable."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        origin = _origin(scope)
        if origin is None:
            await self._app(scope, receive, send)
            return
        if not _LOOPBACK.fullmatch(origin):
            await _refuse(scope, receive, send, origin)
            return
        if scope["method"] == "OPTIONS" and _header(scope, b"access-control-request-method") is not None:
            await _allow(scope, send, origin)
            return

        async def readable(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_readable_by(origin)]
            await send(message)

        await self._app(scope, receive, readable)


def _origin(scope: Scope) -> bytes | None:
    """The origin of the page that asks for something that pages may have, if a page asks."""
    return _header(scope, b"origin") if scope["type"] == "http" and scope["path"].startswith(PREFIXES) else None


async def _refuse(scope: Scope, receive: Receive, send: Send, origin: bytes) -> None:
    """Before anything is done: browsers send some requests without asking, and only keep the answer from the page."""
    info = f"a page of {origin.decode('latin-1')} may not use this server; pages of localhost and 127.0.0.1 may"
    await answer(Forbidden(info))(scope, receive, send)


def _readable_by(origin: bytes) -> list[tuple[bytes, bytes]]:
    exposed = b"ETag, Retry-After"
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-expose-headers", exposed),
        (b"vary", b"Origin"),
    ]


async def _allow(scope: Scope, send: Send, origin: bytes) -> None:
    headers = [
        *_readable_by(origin),
        (b"access-control-allow-methods", METHODS),
        (b"access-control-allow-headers", _header(scope, b"access-control-request-headers") or b"*"),
        (b"access-control-allow-private-network", b"true"),
        (b"access-control-max-age", _PREFLIGHT_HOLDS_S),
    ]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _header(scope: Scope, wanted: bytes) -> bytes | None:
    return next((value for name, value in scope["headers"] if name == wanted), None)
