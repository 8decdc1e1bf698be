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

from fake_daily_server.handles.client import actions


class RawClient:
    """One participant over one connection after the other; `events` are all that came, oldest first."""

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

    def said(self) -> list[str]:
        """The names of the events that came."""
        return actions(self.events)

    def messages(self) -> list[Any]:
        """What the app messages that came say."""
        return [event["data"] for event in self.events if event["action"] == "app-message"]

    async def connect(self) -> None:
        self._socket = await connect(self._url, proxy=None)

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """The answer, with `result` or `error`; events before it are kept."""
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

    async def hear(self, *, until: str) -> None:
        """Take events up to one with this name."""
        while True:
            event = json.loads(await self.socket.recv())["event"]
            self.events.append(event)
            if event["action"] == until:
                return

    async def drained(self) -> None:
        """Take everything until the connection is gone; it must have been broken, not closed."""
        async for message in until_lost(self.socket):
            self.events.append(json.loads(message)["event"])

    async def break_off(self) -> None:
        """Lose the connection from this end, without reading what has come."""
        self.socket.transport.abort()
        await asyncio.wait_for(self.socket.wait_closed(), 5)


async def until_lost(socket: ClientConnection) -> AsyncIterator[str | bytes]:
    """What comes before the connection is broken. A close frame is a failure: a lost network says no goodbye."""
    try:
        while True:
            yield await socket.recv()
    except ConnectionClosed as closed:
        if closed.rcvd is not None:
            raise


@asynccontextmanager
async def raw_client(room_url: str, **join: Any) -> AsyncIterator[RawClient]:
    """One that has joined as reconnectable; its last connection is broken at the end."""
    client = RawClient(room_url)
    await client.join(**join)
    try:
        yield client
    finally:
        client.socket.transport.abort()
