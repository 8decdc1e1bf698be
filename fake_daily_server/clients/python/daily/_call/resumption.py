"""Resumes a participant on a new connection after its connection was lost (docs/signalling.md)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .connection import Connection, ConnectionListener

_RETRY_S = 0.05
_ANSWER_S = 1.0
"""How much longer the last attempt may take than the room keeps the participant."""


@dataclass
class Resumption:
    """The state needed to resume a participant: its session id, the key, and the number of events received so far."""

    url: str
    session_id: str = ""
    key: str = ""
    within_s: float = 0.0
    """Seconds for which the room keeps a participant whose connection is lost."""
    received: int = 0

    def joined(self, session_id: str, join_result: dict[str, Any]) -> None:
        """Set the session id, and the key and the time limit from the result of `join`."""
        self.session_id = session_id
        reconnect = join_result["reconnect"]
        self.key, self.within_s = reconnect["key"], reconnect["withinMs"] / 1000


async def resume(
    resumption: Resumption, listener: ConnectionListener, on_resumed: Callable[[Connection], None]
) -> None:
    """Resume on a new connection, which `on_resumed` receives before the missed events arrive.

    Raises RequestRefused if the room no longer keeps the participant, ConnectionError or TimeoutError if the room
    cannot be reached in time.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + resumption.within_s
    async with asyncio.timeout_at(deadline + _ANSWER_S):
        while True:
            try:
                await _attempt(resumption, listener, on_resumed)
            except ConnectionError:
                if loop.time() > deadline:
                    raise
            else:
                return
            await asyncio.sleep(_RETRY_S)


async def _attempt(
    resumption: Resumption, listener: ConnectionListener, on_resumed: Callable[[Connection], None]
) -> None:
    connection = await Connection.open(resumption.url, listener)
    try:
        params = {"sessionId": resumption.session_id, "key": resumption.key, "received": resumption.received}
        await connection.request("resume", params, lambda result: on_resumed(connection))
    except BaseException:
        await connection.close()
        raise
