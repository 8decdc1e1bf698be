"""An HTTP server for an ASGI application, started and stopped inside a running event loop."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

import uvicorn
from starlette.types import ASGIApp

from fake_daily_server.web.listener import bound_listener
from fake_daily_server.web.slow_requests import SlowRequests

IDLE_S = 75
"""Seconds for which a connection stays open after a response: longer than clients keep one for their next request
(aiohttp 15 s, httpx 5 s, Node 4 s), so that none sends a request while the server closes the connection."""
_CLOSING_STEP_S = 0.002
_CLOSING_LIMIT_S = 1.0

LONGEST_MESSAGE = 16 * 1024 * 1024
"""Maximum size of a WebSocket message in bytes; an uncompressed video frame of 3840 by 2160 has 12.4 million."""


class HttpServer:
    """HTTP server: `with HttpServer(host, port) as server:`, then `async with server.serving(app):`.

    With `port` 0 it takes any free port; `server.port` is known before the server starts. `listener` is a bound socket
    to use instead; the server closes it at the end. Raises ConfigurationError if the port is in use.
    """

    def __init__(self, host: str, port: int, *, listener: socket.socket | None = None) -> None:
        self.host = host
        self._socket = listener or bound_listener(host, port)
        self.port: int = self._socket.getsockname()[1]
        self._connections: set[Any] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    @asynccontextmanager
    async def serving(self, app: ASGIApp) -> AsyncIterator[None]:
        """Serve `app` on the running loop while the context is open."""
        config = uvicorn.Config(
            app,
            interface="asgi3",
            lifespan="off",
            ws="websockets-sansio",
            log_config=None,
            access_log=False,
            date_header=False,
            ws_max_size=LONGEST_MESSAGE,
            timeout_keep_alive=IDLE_S,
        )
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        self._connections = server.server_state.connections
        await server.startup(sockets=[self._socket])
        watching = asyncio.create_task(SlowRequests().watch(self._connections), name="slow HTTP requests")
        try:
            yield
        finally:
            watching.cancel()
            await _close(server)

    def reset(self, peer: tuple[str, int]) -> None:
        """Reset the connection with this remote address and port, if there is one (TCP RST), without an answer."""
        for connection in tuple(self._connections):
            if connection.client == peer:
                plain = connection.transport.get_extra_info("socket")
                plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.transport.abort()

    def cut(self, peer: tuple[str, int]) -> None:
        """Abort the connection with this remote address and port, if there is one, without a close frame."""
        for connection in tuple(self._connections):
            if connection.client == peer:
                connection.transport.abort()


async def _close(server: uvicorn.Server) -> None:
    """Close the server at once. uvicorn's own shutdown sleeps for 100 ms, which would delay every test session."""
    state = server.server_state
    for listener in server.servers:
        listener.close()
    for connection in tuple(state.connections):
        connection.shutdown()
    waited = 0.0
    while (state.connections or state.tasks) and waited < _CLOSING_LIMIT_S:
        await asyncio.sleep(_CLOSING_STEP_S)
        waited += _CLOSING_STEP_S
    for task in tuple(state.tasks):
        task.cancel()
