"""Connection: the WebSocket to a room, with requests, events and binary media messages (docs/signalling.md)."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from .._native.errors import RequestRefused

Result = dict[str, Any]
PendingResult = asyncio.Future[Result]
OnResult = Callable[[Result], None]

REQUEST_TIMEOUT_S = 20.0
"""The longest wait for the answer to a request."""


@dataclass(frozen=True)
class ConnectionListener:
    """Callbacks of a connection, on the I/O loop.

    `event` receives events, `binary` binary messages. `lost` receives the connection and the reason if the connection
    ends without being closed by this side.
    """

    event: Callable[[dict[str, Any]], None]
    binary: Callable[[bytes], None]
    lost: Callable[[Connection, str], None]


class Connection:
    """One WebSocket to a room. Used on the I/O loop."""

    def __init__(self, socket: ClientConnection, listener: ConnectionListener) -> None:
        self._socket = socket
        self._listener = listener
        self._ids = itertools.count(1)
        self._pending: dict[int, tuple[PendingResult, OnResult | None]] = {}
        self._closing = False
        self._reader = asyncio.create_task(self._read(), name="daily connection")

    @classmethod
    async def open(cls, room_url: str, listener: ConnectionListener) -> Connection:
        """Connect to the room at `room_url`. Raises ConnectionError if that fails."""
        url = room_url.replace("http", "ws", 1) if room_url.startswith("http") else room_url
        try:
            socket = await connect(url, compression=None, ping_interval=None, proxy=None, max_queue=None, max_size=None)
        except (OSError, WebSocketException, ValueError) as error:
            raise ConnectionError(
                f"cannot connect to {room_url}: {error}; is the fake Daily running at this address?"
            ) from error
        return cls(socket, listener)

    async def request(self, method: str, params: Mapping[str, Any], on_result: OnResult | None = None) -> Result:
        """Send a request and return its result. Raises RequestRefused, ConnectionError and TimeoutError.

        `on_result` is called with the result before the next message is read.
        """
        return await (await self.send_request(method, params, on_result))

    async def send_request(
        self, method: str, params: Mapping[str, Any], on_result: OnResult | None = None
    ) -> PendingResult:
        """Send a request; returns a future of its result, which has the exceptions of `request`."""
        loop = asyncio.get_running_loop()
        pending: PendingResult = loop.create_future()
        request_id = next(self._ids)
        self._pending[request_id] = (pending, on_result)
        timeout = loop.call_later(REQUEST_TIMEOUT_S, self._time_out, pending, method)

        def done(pending: PendingResult) -> None:
            timeout.cancel()
            del self._pending[request_id]
            if not pending.cancelled():
                pending.exception()  # mark it as retrieved: the caller may not wait for it any more

        pending.add_done_callback(done)
        try:
            await self._socket.send(json.dumps({"id": request_id, "method": method, "params": dict(params)}))
        except ConnectionClosed as closed:
            if not pending.done():
                pending.set_exception(ConnectionError(f"{method}: the connection to the room is closed: {closed}"))
        return pending

    @staticmethod
    def _time_out(pending: PendingResult, method: str) -> None:
        if not pending.done():
            pending.set_exception(TimeoutError(f"{method}: no answer in {REQUEST_TIMEOUT_S:g} s"))

    async def send_binary(self, message: bytes) -> None:
        """Send a binary message. Raises ConnectionError if the connection is closed."""
        try:
            await self._socket.send(message)
        except ConnectionClosed as closed:
            raise ConnectionError(f"media: the connection to the room is closed: {closed}") from None

    async def close(self) -> None:
        """Close the connection and wait until it is closed, without calling `lost`."""
        self._closing = True
        await self._socket.close()
        await asyncio.wait([self._reader])

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                if isinstance(message, bytes):
                    self._listener.binary(message)
                else:
                    self._receive(json.loads(message))
        except ConnectionClosed:
            pass
        finally:
            reason = f"{self._socket.close_code} {self._socket.close_reason or ''}".rstrip()
            for pending, _ in list(self._pending.values()):
                if not pending.done():
                    pending.set_exception(ConnectionError(f"the connection to the room is closed ({reason})"))
            if not self._closing:
                self._listener.lost(self, reason)

    def _receive(self, frame: dict[str, Any]) -> None:
        if "event" in frame:
            self._listener.event(frame["event"])
        elif (entry := self._pending.get(frame.get("id") or 0)) is not None:
            self._settle(*entry, frame)

    @staticmethod
    def _settle(pending: PendingResult, on_result: OnResult | None, frame: dict[str, Any]) -> None:
        if pending.done():
            return
        if "error" in frame:
            error = frame["error"]
            pending.set_exception(RequestRefused(error["status"], error["error"], error["info"]))
            return
        if on_result is not None:
            on_result(frame["result"])
        pending.set_result(frame["result"])
