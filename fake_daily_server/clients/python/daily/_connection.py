"""The WebSocket to a room: requests and their answers, events, and sound in binary messages (docs/signalling.md)."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from ._errors import Refused

REQUEST_TIMEOUT_S = 20.0
"""Seconds that a request may take."""


class Connection:
    """One WebSocket. Everything here runs on the I/O loop.

    `on_event` is called with each event, `on_sound` with each binary message, `on_closed` once when the server has
    gone without `close`.
    """

    def __init__(
        self,
        socket: ClientConnection,
        on_event: Callable[[dict[str, Any]], None],
        on_sound: Callable[[bytes], None],
        on_closed: Callable[[str], None],
    ) -> None:
        self._socket = socket
        self._on_event = on_event
        self._on_sound = on_sound
        self._on_closed = on_closed
        self._ids = itertools.count(1)
        self._pending: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._closing = False
        self._reader = asyncio.create_task(self._read(), name=f"events of {socket.id}")

    @classmethod
    async def open(
        cls,
        room_url: str,
        on_event: Callable[[dict[str, Any]], None],
        on_sound: Callable[[bytes], None],
        on_closed: Callable[[str], None],
    ) -> Connection:
        """Connect to the room at this URL. Raises ConnectionError with the reason when that fails."""
        url = room_url.replace("http", "ws", 1)
        try:
            socket = await connect(url, compression=None, ping_interval=None, proxy=None, max_queue=None, max_size=None)
        except (OSError, WebSocketException, ValueError) as wrong:
            raise ConnectionError(f"{room_url} cannot be joined: {wrong}") from wrong
        return cls(socket, on_event, on_sound, on_closed)

    async def request(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Send a request and return its result. Raises Refused, ConnectionError and TimeoutError."""
        request_id = next(self._ids)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._pending[request_id] = answer
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT_S):
                await self._socket.send(json.dumps({"id": request_id, "method": method, "params": dict(params)}))
                return await answer
        except ConnectionClosed as closed:
            raise ConnectionError(f"{method}: the connection to the room is closed: {closed}") from None
        except TimeoutError:
            raise TimeoutError(f"{method}: no answer in {REQUEST_TIMEOUT_S:g} s") from None
        finally:
            del self._pending[request_id]
            if not answer.cancel() and not answer.cancelled():
                answer.exception()  # seen, whoever is still interested

    async def send_sound(self, message: bytes) -> None:
        """Send one binary message. Raises ConnectionError when the connection is closed."""
        try:
            await self._socket.send(message)
        except ConnectionClosed as closed:
            raise ConnectionError(f"sound: the connection to the room is closed: {closed}") from None

    async def close(self) -> None:
        """Close it; `on_closed` is not called."""
        self._closing = True
        await self._socket.close()
        await asyncio.wait([self._reader])

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                if isinstance(message, bytes):
                    self._on_sound(message)
                else:
                    self._take(json.loads(message))
        except ConnectionClosed:
            pass
        finally:
            reason = f"{self._socket.close_code} {self._socket.close_reason or ''}".rstrip()
            for answer in self._pending.values():
                if not answer.done():
                    answer.set_exception(ConnectionError(f"the connection to the room is closed ({reason})"))
            if not self._closing:
                self._on_closed(reason)

    def _take(self, frame: dict[str, Any]) -> None:
        if "event" in frame:
            self._on_event(frame["event"])
            return
        answer = self._pending.get(frame.get("id", -1))
        if answer is None or answer.done():
            return
        if "error" in frame:
            error = frame["error"]
            answer.set_exception(Refused(error["status"], error["error"], error["info"]))
        else:
            answer.set_result(frame["result"])
