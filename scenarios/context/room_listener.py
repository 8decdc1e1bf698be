"""Listens to one participant of a room, as a hidden client that nobody sees or hears."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from scenarios.context.program_sessions import ProgramSession


@asynccontextmanager
async def listening_to(
    session: ProgramSession, daily: FakeDaily, on_joined: Callable[[str], None]
) -> AsyncIterator[Client]:
    """Yield a client that hears only the participant of `session`, and leaves at the end.

    `on_joined` is called with the client's session id.
    """
    store = daily.rooms
    room = RoomHandle(store.get(session.room), store.settings, store.clock)
    only = {"base": False, "byParticipantId": {session.session_id: True}}
    permissions = {"hasPresence": False, "canSend": False, "canReceive": only}
    client = Client(room.url, token=room.token(user_name="listener", permissions=permissions))
    async with client:
        on_joined(client.session_id)
        yield client
