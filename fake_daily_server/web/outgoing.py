"""Sends HTTP requests to customers' servers: only to this machine, and to hosts that the user has allowed by name."""

from __future__ import annotations

import urllib.parse
from typing import TYPE_CHECKING

from simulator.destinations import Destinations

if TYPE_CHECKING:
    import httpx


class OutgoingHttp:
    """Makes HTTP clients that ask `destinations` about every connection."""

    def __init__(self, destinations: Destinations) -> None:
        self._destinations = destinations

    def may_request(self, url: str) -> bool:
        """Whether requests may go to the host of a URL; a refusal is recorded."""
        parts = urllib.parse.urlsplit(url)
        host = parts.hostname or ""
        if self._destinations.is_allowed(host):
            return True
        because = self._destinations.refusal(host) or ""
        self._destinations.refused("http", host, None, because, url=url)
        return False

    def client(self, *, timeout: float | None) -> httpx.AsyncClient:
        """Make a client, which takes 0.1 s. It follows no redirects and reads no proxy settings.

        `timeout` in seconds is for each step of a request; None if the caller has one of its own.
        """
        import httpx  # noqa: PLC0415 - takes 0.1 s to load, and most servers make no requests

        from fake_daily_server.web.permitted_transport import PermittedTransport  # noqa: PLC0415 - likewise

        return httpx.AsyncClient(
            transport=PermittedTransport(self._destinations),
            timeout=timeout,
            trust_env=False,
        )
