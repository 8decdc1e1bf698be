"""Cross-origin requests (CORS): web pages of this machine may use the server from a browser, other pages may not.

So may the pages of this server, at whatever address it is reached.

Requests without `Origin`, as Node, curl and bots send them, are not affected.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fake_daily_server.values.errors import Forbidden
from fake_daily_server.web.error_answers import answer

METHODS = b"GET, POST, PUT, PATCH, DELETE"
_LOOPBACK = re.compile(rb"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")
"""Origins on this machine, with any port: those of development servers."""
_FILE = b"null"
"""The origin of a page opened from a file. Every sandboxed frame has it as well, on any site."""
_PREFLIGHT_MAX_AGE_S = b"600"


class AllowPages:
    """Lets pages of loopback origins, and of this server, read responses; refuses everything of other pages with 403.

    `origins` are further origins that are allowed, for instance `https://app.test:8443`; `file_pages` allows the origin
    `null`. Preflight requests are answered before the API key is checked.
    """

    def __init__(self, app: ASGIApp, *, origins: Iterable[str] = (), file_pages: bool = False) -> None:
        self._app = app
        self._allowed = frozenset(origin.rstrip("/").encode("latin-1") for origin in origins)
        self._file_pages = file_pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        origin = None if scope["type"] == "lifespan" else _header(scope, b"origin")
        if origin is None:
            await self._app(scope, receive, send)
            return
        if not self._is_allowed(origin) and origin.lower() != _own_origin(scope):
            # Before the request has an effect: browsers send some requests without a preflight.
            await answer(Forbidden(_refusal(origin)))(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "OPTIONS" and _header(scope, b"access-control-request-method") is not None:
            await _allow(scope, send, origin)
            return

        async def send_readable(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_readable_by(origin)]
            await send(message)

        await self._app(scope, receive, send_readable)

    def _is_allowed(self, origin: bytes) -> bool:
        if origin == _FILE:
            return self._file_pages
        return _LOOPBACK.fullmatch(origin) is not None or origin in self._allowed


def _own_origin(scope: Scope) -> bytes:
    """The origin of this server's pages, by the `Host` that the browser has asked, which `host_names` has let pass."""
    return b"http://" + (_header(scope, b"host") or b"").lower()


def _refusal(origin: bytes) -> str:
    if origin == _FILE:
        return (
            "a page without an origin (opened from a file, or in a sandboxed frame) may not use this server; serve it "
            "from localhost, or set allow_file_pages"
        )
    return (
        f"a page of {origin.decode('latin-1')} may not use this server; pages of localhost and 127.0.0.1 may, others "
        "after they are added to the setting allow_origins"
    )


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
