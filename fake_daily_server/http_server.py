"""An ASGI application on a loopback port, started and stopped inside a loop that is already running."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp

from simulator.errors import ConfigurationError

_CLOSING_STEP_S = 0.002
_CLOSING_LIMIT_S = 1.0


class HttpServer:
    """`server = HttpServer(host, port)`, then `async with server.serving(app):`.

    `port` 0 takes any free one; `server.port` says which as soon as the object is there, before there is an app.
    """

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self._socket = _listen(host, port)
        self.port: int = self._socket.getsockname()[1]

    @asynccontextmanager
    async def serving(self, app: ASGIApp) -> AsyncIterator[None]:
        """Serve `app` inside the running loop."""
        config = uvicorn.Config(
            app,
            interface="asgi3",
            lifespan="off",
            ws="websockets-sansio",
            log_config=None,
            access_log=False,
            date_header=False,
            ws_max_size=1024 * 1024,
        )
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[self._socket])
        try:
            yield
        finally:
            await _close(server)


async def _close(server: uvicorn.Server) -> None:
    """Close at once: uvicorn's own shutdown sleeps 100 ms, which every test session would pay for."""
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


def _listen(host: str, port: int) -> socket.socket:
    # With the protocol named, asyncio sets TCP_NODELAY on what is accepted; else each event may wait 40 ms for an ACK.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as failure:
        listener.close()
        raise ConfigurationError(
            "port", port, f"a free TCP port of {host} ({failure.strerror}); 0 takes any free one"
        ) from None
    listener.setblocking(False)
    return listener
