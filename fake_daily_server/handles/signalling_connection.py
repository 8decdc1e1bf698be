"""The signalling WebSocket of a client: sends requests, receives their answers, and passes on events and audio."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from fake_daily_server.values.errors import DailyError

REQUEST_TIMEOUT_S = 20.0
"""How long a request waits for its answer, as in daily-python."""


class SignallingConnection:
    """Connects to `room_url`, as often as needed but once at a time. All methods are called on one asyncio loop.

    `on_event` receives each event, `on_audio` each binary message. `on_lost` is called once for each connection, after
    it has ended, whether this side or the server has closed it.
    """

    def __init__(
        self,
        room_url: str,
        *,
        on_event: Callable[[dict[str, Any]], None],
        on_audio: Callable[[bytes], None],
        on_lost: Callable[[], None],
    ) -> None:
        self.room_url = room_url
        self.end_reason: str | None = None
        """How the latest connection ended; None while a connection is open, and before the first one."""
        self._on_event = on_event
        self._on_audio = on_audio
        self._on_lost = on_lost
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._ids = itertools.count(1)
        self._pending: dict[int, asyncio.Future[dict[str, Any]]] = {}

    @property
    def is_open(self) -> bool:
        """Whether there is an open connection."""
        return self._socket is not None

    @property
    def ended(self) -> str:
        """`: ` and how the latest connection ended, to append to an error text; empty while a connection is open."""
        return f": {self.end_reason}" if self.end_reason else ""

    async def open(self) -> None:
        """Open a connection. Raises ConnectionError if that fails."""
        url = self.room_url.replace("http", "ws", 1) if self.room_url.startswith("http") else self.room_url
        try:
            self._socket = await connect(url, compression=None, ping_interval=None, proxy=None, max_queue=None)
        except (OSError, WebSocketException, ValueError) as wrong:
            raise ConnectionError(
                f"cannot connect to {self.room_url}: {wrong}; is the fake Daily running at this address?"
            ) from wrong
        self.end_reason = None
        self._reader = asyncio.create_task(self._read(self._socket), name=f"events of {self.room_url}")

    async def close(self) -> None:
        """Close the connection, if there is one."""
        socket, self._socket = self._socket, None
        if socket is not None:
            await socket.close()
        if self._reader is not None:
            await asyncio.wait([self._reader])
            self._reader = None

    async def request(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Send a request and return its result.

        Raises DailyError if the server refuses it, ConnectionError if there is no connection or it ends, and
        TimeoutError without an answer within 20 s.
        """
        request_id = next(self._ids)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._pending[request_id] = answer
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT_S):
                await self.send(json.dumps({"id": request_id, "method": method, "params": dict(params)}), of=method)
                return await answer
        except TimeoutError:
            raise TimeoutError(f"{method}: {self.room_url} gave no answer within {REQUEST_TIMEOUT_S:g} s") from None
        finally:
            del self._pending[request_id]
            if not answer.cancel() and not answer.cancelled():
                answer.exception()  # retrieved, so that asyncio does not log it when the caller was cancelled

    async def send(self, message: str | bytes, *, of: str) -> None:
        """Send a message; `of` is the method to name in errors. Raises ConnectionError if there is no connection."""
        if self._socket is None:
            raise ConnectionError(f"{of}: not connected to {self.room_url}{self.ended}; join first")
        try:
            await self._socket.send(message)
        except ConnectionClosed as closed:
            raise ConnectionError(f"{of}: the connection to {self.room_url} is closed: {closed}; join again") from None

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for message in socket:
                if isinstance(message, bytes):
                    self._on_audio(message)
                else:
                    self._take(json.loads(message))
        except ConnectionClosed:
            pass
        finally:
            self._socket = None
            reason = f"{socket.close_code} {socket.close_reason or ''}".rstrip()
            self.end_reason = f"the connection is closed ({reason})"
            for answer in self._pending.values():
                if not answer.done():
                    answer.set_exception(ConnectionError(f"{self.room_url}{self.ended}"))
            self._on_lost()

    def _take(self, frame: dict[str, Any]) -> None:
        if "event" in frame:
            self._on_event(frame["event"])
            return
        answer = self._pending.get(frame["id"])
        if answer is None or answer.done():
            return
        if "error" in frame:
            error = frame["error"]
            answer.set_exception(DailyError(error["status"], error["error"], error["info"]))
        else:
            answer.set_result(frame["result"])
