"""TLS handshakes of peers: how many may be under way, how long each may take, and the records of those that fail."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Any, cast

from simulator.front_door.sockets import MessageReceiver, TcpConnection
from simulator.refusal_counts import RefusalCounts

HANDSHAKE_S = 5.0
"""Seconds that a peer may take for its handshake."""
MOST_HANDSHAKES = 100
"""Handshakes that may be under way; when there are more, the oldest one is given up."""


class TlsHandshakes:
    """Turns accepted TCP connections into TLS connections of `receiver`. `record` gets fields of timeline records."""

    def __init__(
        self, receiver: MessageReceiver, context: ssl.SSLContext, record: Callable[[dict[str, Any]], None]
    ) -> None:
        self._receiver = receiver
        self._context = context
        self._record = record
        self._failures = RefusalCounts()
        self._under_way: dict[asyncio.Task[None], asyncio.Transport] = {}

    def accept(self) -> asyncio.Protocol:
        """The protocol of a connection that a peer has just opened."""
        return _Accepted(self._begin)

    async def close(self) -> None:
        """Give up all that are under way."""
        tasks = tuple(self._under_way)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, transport: asyncio.Transport) -> None:
        if len(self._under_way) >= MOST_HANDSHAKES:
            next(iter(self._under_way.values())).abort()
        task = asyncio.get_running_loop().create_task(self._shake_hands(transport), name="a TLS handshake")
        self._under_way[task] = transport
        task.add_done_callback(lambda done: self._under_way.pop(done, None))

    async def _shake_hands(self, transport: asyncio.Transport) -> None:
        early = _Early()
        host, port = transport.get_extra_info("peername")[:2]
        try:
            secured = await asyncio.get_running_loop().start_tls(
                transport, early, self._context, server_side=True, ssl_handshake_timeout=HANDSHAKE_S
            )
        except (OSError, TimeoutError) as failure:  # ssl.SSLError is an OSError
            self._note(host, port, failure)
            transport.abort()
        except asyncio.CancelledError:
            transport.abort()
            raise
        else:
            if secured is not None and not early.lost:
                self._hand_over(secured, early)

    def _hand_over(self, secured: asyncio.Transport, early: _Early) -> None:
        connection = TcpConnection(self._receiver, tls=True)
        secured.set_protocol(connection)
        connection.connection_made(secured)
        if early.data:
            connection.data_received(bytes(early.data))

    def _note(self, host: str, port: int, failure: Exception) -> None:
        because = str(getattr(failure, "reason", None) or failure) or type(failure).__name__
        count = self._failures.count(because, host)
        if count is not None:
            dropped = "a TLS connection without a handshake"
            self._record({"dropped": dropped, "because": because, "peer": f"{host}:{port}", "count": count})


class _Early(asyncio.Protocol):
    """Keeps what a peer sends between the end of its handshake and the moment at which asyncio tells of that."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.lost = False

    def data_received(self, data: bytes) -> None:
        self.data += data

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True


class _Accepted(asyncio.Protocol):
    """A connection before its handshake."""

    def __init__(self, begin: Callable[[asyncio.Transport], None]) -> None:
        self._begin = begin

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._begin(cast("asyncio.Transport", transport))
