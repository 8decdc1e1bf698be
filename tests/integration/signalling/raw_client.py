"""A client that speaks the protocol frame by frame, and resumes its session by hand."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed


class RawClient:
    """One participant, over one connection after another. `events` are all that it received, oldest first."""

    def __init__(self, room_url: str) -> None:
        self.events: list[dict[str, Any]] = []
        self.joined: dict[str, Any] = {}
        self._url = room_url.replace("http", "ws", 1)
        self._ids = itertools.count(1)
        self._socket: ClientConnection | None = None

    @property
    def socket(self) -> ClientConnection:
        assert self._socket is not None
        return self._socket

    @property
    def session_id(self) -> str:
        return str(self.joined["participants"]["local"]["session_id"])

    def actions(self) -> list[str]:
        """The names of the events received."""
        return [event["action"] for event in self.events]

    def messages(self) -> list[Any]:
        """The data of the app messages received."""
        return [event["data"] for event in self.events if event["action"] == "app-message"]

    async def connect(self) -> None:
        self._socket = await connect(self._url, proxy=None)

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a request and return its answer, with `result` or `error`; events before it are kept."""
        number = next(self._ids)
        await self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            frame = json.loads(await self.socket.recv())
            if "event" in frame:
                self.events.append(frame["event"])
            else:
                assert frame["id"] == number
                return dict(frame)

    async def join(self, **params: Any) -> None:
        await self.connect()
        self.joined = (await self.ask("join", **{"reconnectable": True, **params}))["result"]

    async def resume(self, **params: Any) -> dict[str, Any]:
        """Resume the session on a new connection, and return the response."""
        await self.connect()
        key = self.joined["reconnect"]["key"]
        return await self.ask("resume", **{"sessionId": self.session_id, "key": key, **params})

    async def receive(self, *, until: str) -> None:
        """Receive events up to one with this name."""
        while True:
            event = json.loads(await self.socket.recv())["event"]
            self.events.append(event)
            if event["action"] == until:
                return

    async def receive_until_lost(self) -> None:
        """Receive events until the connection is lost, without a close frame."""
        async for message in until_lost(self.socket):
            self.events.append(json.loads(message)["event"])

    async def abort(self) -> None:
        """Break the connection without a close frame, and without reading what was received."""
        self.socket.transport.abort()
        await asyncio.wait_for(self.socket.wait_closed(), 5)


async def until_lost(socket: ClientConnection) -> AsyncIterator[str | bytes]:
    """Yield messages until the connection is lost. A close frame is a failure: a lost network sends none."""
    try:
        while True:
            yield await socket.recv()
    except ConnectionClosed as closed:
        if closed.rcvd is not None:
            raise


@asynccontextmanager
async def raw_client(room_url: str, **join: Any) -> AsyncIterator[RawClient]:
    """A client that has joined as reconnectable; its last connection is broken at the end."""
    client = RawClient(room_url)
    await client.join(**join)
    try:
        yield client
    finally:
        client.socket.transport.abort()
