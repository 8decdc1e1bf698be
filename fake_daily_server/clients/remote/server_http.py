"""Requests to a running server, whose refusals are raised as the errors of the handles in this process."""

from __future__ import annotations

from typing import Any

import httpx

from fake_daily_server.values.errors import DailyError
from simulator.errors import CallError, ExpectationFailed
from simulator.owner_loop import OwnerLoop

_LONGEST_WAIT_S = 90.0
"""Longer than any wait of the control API."""


class ToldExpectationFailed(ExpectationFailed):
    """An expectation that was not met at the server; the text is the server's."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.args = (text,)

    def __str__(self) -> str:
        return str(self.args[0])


class ServerHttp:
    """Requests below the base URL of a server, awaited on the owner loop or, with `now`, blocking."""

    def __init__(self, url: str, api_key: str) -> None:
        options: dict[str, Any] = {
            "base_url": url,
            "headers": {"Authorization": f"Bearer {api_key}"},
            "timeout": _LONGEST_WAIT_S,
            "trust_env": False,
        }
        self.owner_loop = OwnerLoop()
        self._waiting = httpx.AsyncClient(**options, limits=httpx.Limits(max_connections=None))
        self._blocking = httpx.Client(**options)

    async def request(self, method: str, path: str, **options: Any) -> Any:
        """Send a request and return the parsed body. Raises CallError, ExpectationFailed or DailyError."""
        return await self.owner_loop.run(self._request(method, path, options))

    async def _request(self, method: str, path: str, options: dict[str, Any]) -> Any:
        return _body(await self._waiting.request(method, path, **options))

    def now(self, method: str, path: str, **options: Any) -> Any:
        """The same, for properties and other methods that are no coroutines."""
        return _body(self._blocking.request(method, path, **options))

    async def close(self) -> None:
        """Close all connections."""
        self._blocking.close()
        await self._waiting.aclose()


def _body(answer: httpx.Response) -> Any:
    body = answer.json()
    if answer.is_success:
        return body
    error, info = str(body.get("error", "error")), str(body.get("info", ""))
    if error == "expectation-failed":
        raise ToldExpectationFailed(info)
    if error == "call-error":
        raise CallError(info)
    raise DailyError(answer.status_code, error, info)
