"""Asks a URL of this machine again and again until it is served."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fake_daily_server.web.outgoing import OutgoingHttp
from simulator.destinations import Destinations
from simulator.errors import ConfigurationError

if TYPE_CHECKING:
    import httpx

SERVED_BELOW = 400
"""HTTP statuses from here on do not count as served."""


class UrlReadiness:
    """Whether `url` is served; `latest` describes the latest answer, or why there was none."""

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self._url = url
        self._client = client
        self.latest = "nothing was received yet"

    async def wait(self, pause: Callable[[], Awaitable[bool]], *, within: float) -> bool:
        """Request the URL until it is served, with `pause` in between, until that returns True, or for `within` s."""
        try:
            async with asyncio.timeout(within):
                while not await self._is_served():
                    if await pause():
                        return False
        except TimeoutError:
            return False
        return True

    async def _is_served(self) -> bool:
        import httpx  # noqa: PLC0415 - loaded with the client

        try:
            response = await self._client.get(self._url)
        except httpx.TransportError as error:
            self.latest = f"no answer: {error or type(error).__name__}"
            return False
        self.latest = f"the latest answer was {response.status_code} {response.reason_phrase}"
        return response.status_code < SERVED_BELOW


@asynccontextmanager
async def readiness_of(url: str) -> AsyncIterator[UrlReadiness]:
    """Open an HTTP client for one wait. Raises ConfigurationError unless `url` is an HTTP URL of this machine."""
    http = OutgoingHttp(Destinations())
    if not url.startswith(("http://", "https://")) or not http.may_request(url):
        raise ConfigurationError("url", url, "an HTTP URL of this machine, such as http://localhost:8000/status")
    async with http.client(timeout=None) as client:
        yield UrlReadiness(url, client)
