"""The page for people, where other machines reach the server: a token in its address opens it, and then a cookie.

The token is in the address that the terminal shows. It is exchanged for a cookie at once, so that it is in no history
and no Referer. The cookie is of this server alone (by its port), is no script's to read, and does not go along with
requests of other sites.
"""

from __future__ import annotations

import secrets
import urllib.parse
from collections.abc import Iterable

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from fake_daily_server.values.errors import WrongApiKey
from fake_daily_server.web.error_answers import answer

_BYTES = 32
_PARAMETER = "token"
_HEADERS = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}


class PageAccess:
    """Who may open the page of one server, at `page`, and everything else below `below`.

    `is_open`: everybody who reaches the server, since only programs of this machine do.
    """

    def __init__(self, page: str, below: str, *, is_open: bool) -> None:
        self.page = page
        self.below = below
        self.is_open = is_open
        self.at_root = False
        """Whether a browser that asks for `/` is sent to the page."""
        self._token = secrets.token_urlsafe(_BYTES)
        self._cookie = secrets.token_urlsafe(_BYTES)

    def address(self, base_url: str) -> str:
        """The address of the page for the terminal, with the token if one is needed."""
        path = "/" if self.at_root else self.page
        return f"{base_url}{path}" if self.is_open else f"{base_url}{path}?{_PARAMETER}={self._token}"

    def page_at_root(self) -> str | None:
        """The path to which a browser that asks for `/` is sent; None if the start page is there."""
        return self.page if self.at_root else None

    def token_of(self, scope: Scope) -> str | None:
        """The token in the address of a request for the page; None for any other request."""
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] not in ("/", self.page):
            return None
        text = scope.get("query_string", b"").decode("latin-1")
        tokens = urllib.parse.parse_qs(text, keep_blank_values=True).get(_PARAMETER)
        return tokens[-1] if tokens else None

    def is_token(self, given: str) -> bool:
        """Whether this is the token of the page."""
        return secrets.compare_digest(given.encode(), self._token.encode())

    def is_opened_by(self, scope: Scope) -> bool:
        """Whether the request has the cookie."""
        wanted = f"{_cookie_name(scope)}={self._cookie}".encode()
        return any(secrets.compare_digest(cookie, wanted) for cookie in _cookies(scope["headers"]))

    def set_cookie(self, scope: Scope) -> str:
        """The `Set-Cookie` header of the answer to a right token."""
        return f"{_cookie_name(scope)}={self._cookie}; Path={self.below}; HttpOnly; SameSite=Strict"


class ExchangeToken:
    """Answers requests for the page with a token in the address: with the cookie and the page's own address, or 401."""

    def __init__(self, app: ASGIApp, access: PageAccess) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        access = self._access
        token = None if access.is_open else access.token_of(scope)
        if token is None:
            await self._app(scope, receive, send)
        elif access.is_token(token):
            found = {"Location": access.page, "Set-Cookie": access.set_cookie(scope), **_HEADERS}
            await Response(status_code=303, headers=found)(scope, receive, send)
        else:
            refusal = WrongApiKey("the token is not that of this server's page; the server has printed it at its start")
            await answer(refusal, _HEADERS)(scope, receive, send)


def _cookie_name(scope: Scope) -> str:
    """With the port, since browsers give a cookie to all servers of a host."""
    return f"daily_sim_{(scope.get('server') or ('', None))[1]}"


def _cookies(headers: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
    return [each.strip() for name, value in headers if name == b"cookie" for each in value.split(b";")]
