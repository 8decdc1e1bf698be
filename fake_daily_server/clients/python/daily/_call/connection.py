"""The WebSocket to a room: requests and their answers, events, and sound in binary messages (docs/signalling.md)."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from .._native.errors import Refused

Result = dict[str, Any]
Answer = asyncio.Future[Result]
AtOnce = Callable[[Result], None]

REQUEST_TIMEOUT_S = 20.0
"""Seconds that a request may take."""


@dataclass(frozen=True)
class Listener:
    """Who is told, on the I/O loop, what comes over a connection.

    `event` gets the events, `sound` the binary messages; `lost` the connection itself and the reason, when it ends and
    nobody has closed it here.
    """

    event: Callable[[dict[str, Any]], None]
    sound: Callable[[bytes], None]
    lost: Callable[[Connection, str], None]


class Connection:
    """One WebSocket. Everything here runs on the I/O loop."""

    def __init__(self, socket: ClientConnection, listener: Listener) -> None:
        self._socket = socket
        self._listener = listener
        self._ids = itertools.count(1)
        self._pending: dict[int, tuple[Answer, AtOnce | None]] = {}
        self._closing = False
        self._reader = asyncio.create_task(self._read(), name="daily connection")

    @classmethod
    async def open(cls, room_url: str, listener: Listener) -> Connection:
        """Connect to the room at this URL. Raises ConnectionError with the reason when that fails."""
        url = room_url.replace("http", "ws", 1) if room_url.startswith("http") else room_url
        try:
            socket = await connect(url, compression=None, ping_interval=None, proxy=None, max_queue=None, max_size=None)
        except (OSError, WebSocketException, ValueError) as wrong:
            raise ConnectionError(f"{room_url}: {wrong}") from wrong
        return cls(socket, listener)

    async def request(self, method: str, params: Mapping[str, Any], at_once: AtOnce | None = None) -> dict[str, Any]:
        """Send a request and return its result. Raises Refused, ConnectionError and TimeoutError.

        `at_once` is called with the result before anything that follows it is read.
        """
        return await (await self.ask(method, params, at_once))

    async def ask(self, method: str, params: Mapping[str, Any], at_once: AtOnce | None = None) -> Answer:
        """Send a request; its result, or what `request` raises, comes later."""
        loop = asyncio.get_running_loop()
        answer: Answer = loop.create_future()
        request_id = next(self._ids)
        self._pending[request_id] = (answer, at_once)
        late = loop.call_later(REQUEST_TIMEOUT_S, self._too_late, answer, method)

        def settled(answer: Answer) -> None:
            late.cancel()
            del self._pending[request_id]
            if not answer.cancelled():
                answer.exception()  # seen, whoever is still interested

        answer.add_done_callback(settled)
        try:
            await self._socket.send(json.dumps({"id": request_id, "method": method, "params": dict(params)}))
        except ConnectionClosed as closed:
            if not answer.done():
                answer.set_exception(ConnectionError(f"{method}: the connection to the room is closed: {closed}"))
        return answer

    @staticmethod
    def _too_late(answer: Answer, method: str) -> None:
        if not answer.done():
            answer.set_exception(TimeoutError(f"{method}: no answer in {REQUEST_TIMEOUT_S:g} s"))

    async def send_sound(self, message: bytes) -> None:
        """Send one binary message. Raises ConnectionError when the connection is closed."""
        try:
            await self._socket.send(message)
        except ConnectionClosed as closed:
            raise ConnectionError(f"sound: the connection to the room is closed: {closed}") from None

    async def close(self) -> None:
        """Close it as somebody who leaves does."""
        self._closing = True
        await self._socket.close()
        await asyncio.wait([self._reader])

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                if isinstance(message, bytes):
                    self._listener.sound(message)
                else:
                    self._take(json.loads(message))
        except ConnectionClosed:
            pass
        finally:
            reason = f"{self._socket.close_code} {self._socket.close_reason or ''}".rstrip()
            for answer, _ in list(self._pending.values()):
                if not answer.done():
                    answer.set_exception(ConnectionError(f"the connection to the room is closed ({reason})"))
            if not self._closing:
                self._listener.lost(self, reason)

    def _take(self, frame: dict[str, Any]) -> None:
        if "event" in frame:
            self._listener.event(frame["event"])
        elif (pending := self._pending.get(frame.get("id") or 0)) is not None:
            self._settle(*pending, frame)

    @staticmethod
    def _settle(
        answer: Answer,
        at_once: AtOnce | None,
        frame: dict[str, Any],
    ) -> None:
        if answer.done():
            return
        if "error" in frame:
            error = frame["error"]
            answer.set_exception(Refused(error["status"], error["error"], error["info"]))
            return
        if at_once is not None:
            at_once(frame["result"])
        answer.set_result(frame["result"])
