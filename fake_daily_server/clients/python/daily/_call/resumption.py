"""A place in a room that outlives its connection: what another connection needs to go on with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .connection import Connection, Listener

_RETRY_S = 0.05
_ANSWER_S = 1.0
"""How much longer than the place is kept the last attempt may take."""


@dataclass
class Place:
    """Of a join: the session id and the key; `received` counts the events that have come."""

    url: str
    session_id: str = ""
    key: str = ""
    within_s: float = 0.0
    received: int = 0

    def keep(self, session_id: str, join_result: dict[str, Any]) -> None:
        """The room has said how long it keeps the place, and the key to it."""
        self.session_id = session_id
        reconnect = join_result["reconnect"]
        self.key, self.within_s = reconnect["key"], reconnect["withinMs"] / 1000


async def resumed(place: Place, listener: Listener, at_once: Callable[[Connection], None]) -> None:
    """Make another connection at this place; `at_once` gets it before the events that were missed come.

    Raises Refused when the place is gone, ConnectionError and TimeoutError when the room cannot be reached in time.
    """
    loop = asyncio.get_running_loop()
    give_up = loop.time() + place.within_s
    async with asyncio.timeout_at(give_up + _ANSWER_S):
        while True:
            try:
                await _attempt(place, listener, at_once)
            except ConnectionError:
                if loop.time() > give_up:
                    raise
            else:
                return
            await asyncio.sleep(_RETRY_S)


async def _attempt(place: Place, listener: Listener, at_once: Callable[[Connection], None]) -> None:
    connection = await Connection.open(place.url, listener)
    try:
        params = {"sessionId": place.session_id, "key": place.key, "received": place.received}
        await connection.request("resume", params, lambda result: at_once(connection))
    except BaseException:
        await connection.close()
        raise
