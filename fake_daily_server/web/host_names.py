"""Host names by which the server may be addressed.

A page of any site can point a name of its own at 127.0.0.1 (DNS rebinding) and then reads the server as its own origin.
The request's `Host` still has that name, so names are refused that are not this machine's; addresses are not names.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from starlette.types import ASGIApp, Receive, Scope, Send

from fake_daily_server.values.errors import Forbidden
from fake_daily_server.web.error_answers import answer


class RefuseOtherHosts:
    """Refuses requests and WebSockets whose `Host` is neither an IP address, nor `localhost`, nor one of `names`.

    The answer is 403. A request without `Host` comes from no browser and is served.
    """

    def __init__(self, app: ASGIApp, *, names: Iterable[str] = ()) -> None:
        self._app = app
        self._names = frozenset({"localhost", *(name.lower().rstrip(".") for name in names)})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = () if scope["type"] == "lifespan" else [value for name, value in scope["headers"] if name == b"host"]
        for value in given:
            host = _without_port(value.decode("latin-1"))
            if not self._is_known(host):
                info = f"this server is not {host[:80]!r}; use 127.0.0.1 or localhost, or add the name to host_names"
                await answer(Forbidden(info))(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _is_known(self, host: str) -> bool:
        return host in self._names or host.endswith(".localhost") or _is_address(host)


def _without_port(host: str) -> str:
    """The host of a `Host` header, in lower case and without the brackets of an IPv6 address."""
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].rstrip(".")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
