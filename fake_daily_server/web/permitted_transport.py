"""A transport of httpx that connects only where packets may go, and looks up names as `Destinations` does."""

from __future__ import annotations

from collections.abc import Iterable

import httpcore
import httpx

from simulator.destinations import Destinations

_LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=5)
"""The defaults of httpx."""


class PermittedTransport(httpx.AsyncHTTPTransport):
    """Connects to this machine and to allowed hosts; any other connection fails with ConnectError."""

    def __init__(self, destinations: Destinations) -> None:
        context = httpx.create_ssl_context(trust_env=False)
        super().__init__(verify=context, trust_env=False)
        assert isinstance(self._pool, httpcore.AsyncConnectionPool)  # noqa: S101 - httpx makes its connections with it
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            network_backend=_PermittedBackend(destinations),
            max_connections=_LIMITS.max_connections,
            max_keepalive_connections=_LIMITS.max_keepalive_connections,
            keepalive_expiry=_LIMITS.keepalive_expiry,
        )


class _PermittedBackend(httpcore.AsyncNetworkBackend):
    def __init__(self, destinations: Destinations) -> None:
        self._destinations = destinations
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            addresses = await self._destinations.resolve(host)
        except OSError as refusal:
            self._destinations.refused("http", host, port, str(refusal))
            raise httpcore.ConnectError(str(refusal)) from None
        for address in addresses[:-1]:
            try:
                return await self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._backend.connect_tcp(addresses[-1], port, timeout, local_address, socket_options)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise httpcore.ConnectError("requests go to hosts, not to sockets of the file system")

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)
