"""A client of a server whose events come long after its answers."""

from __future__ import annotations

import asyncio
import json

from websockets.asyncio.server import ServerConnection, serve

from fake_daily_server.handles.client import Client

LOCAL = {"local": {"session_id": "a1", "local": True}}


async def answer_at_once_and_tell_later(socket: ServerConnection) -> None:
    async for frame in socket:
        request = json.loads(frame)
        result = {"participants": LOCAL, "meetingSession": {"id": "m1"}, "callClientId": "c1"}
        await socket.send(json.dumps({"id": request["id"], "result": result}))
        await asyncio.sleep(0.1)
        await socket.send(json.dumps({"event": {"action": "joined-meeting", "participants": LOCAL}}))


async def test_a_client_that_has_joined_knows_itself() -> None:
    async with serve(answer_at_once_and_tell_later, "127.0.0.1", 0) as server:
        (port,) = {each.getsockname()[1] for each in server.sockets}
        client = Client(f"http://127.0.0.1:{port}/room")
        await client.join()
        assert client.joined
        assert client.session_id == "a1"
        await client.close()
