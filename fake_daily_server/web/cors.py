"""Cross-origin requests (CORS): web pages of this machine may use the server from a browser, other pages may not."""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fake_daily_server.values.errors import Forbidden
from fake_daily_server.web.error_answers import answer

PREFIXES = ("/static/", "/call-machine/", "/_sim/", "/v1/")
"""The beginnings of paths that web pages may request."""

METHODS = b"GET, POST, PUT, PATCH, DELETE"
_LOOPBACK = re.compile(rb"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?|null")
"""Origins on this machine, with any port; `null` is the origin of a page opened from a file."""
_PREFLIGHT_MAX_AGE_S = b"600"


class AllowLoopbackPages:
    """Lets web pages of loopback origins read responses, and refuses requests of pages of other origins.

    It answers preflight requests before the API key is checked.
    """

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

        async def send_readable(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_readable_by(origin)]
            await send(message)

        await self._app(scope, receive, send_readable)


def _origin(scope: Scope) -> bytes | None:
    """The origin of the web page that sent a request for one of PREFIXES; None for every other request."""
    return _header(scope, b"origin") if scope["type"] == "http" and scope["path"].startswith(PREFIXES) else None


async def _refuse(scope: Scope, receive: Receive, send: Send, origin: bytes) -> None:
    """Refuse the request before it has an effect: browsers send some requests without a preflight."""
    info = f"a page of {origin.decode('latin-1')} may not use this server; only pages of localhost and 127.0.0.1 may"
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
        (b"access-control-max-age", _PREFLIGHT_MAX_AGE_S),
    ]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _header(scope: Scope, wanted: bytes) -> bytes | None:
    return next((value for name, value in scope["headers"] if name == wanted), None)
