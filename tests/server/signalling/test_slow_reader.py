"""A client that does not read: its connection ends with a record, the other clients and the memory stay."""

from __future__ import annotations

import asyncio
import json
import socket

from fake_daily_server.signalling.outgoing_frames import MOST_UNSENT, Frame, OutgoingFrames
from tests.daily_side import DailySide

HANDSHAKE = (
    "GET /demo HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def masked(text: str) -> bytes:
    """A WebSocket text frame of a client; the masking key is 0."""
    data = text.encode()
    return bytes([0x81, 0x80 | 126]) + len(data).to_bytes(2, "big") + bytes(4) + data


async def test_a_client_that_does_not_read_is_disconnected(side: DailySide) -> None:
    room = side.room()
    listener = side.owner(user_name="listener")
    await listener.join()
    loop = asyncio.get_running_loop()
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.setblocking(False)
        await loop.sock_connect(deaf, ("127.0.0.1", side.server.port))
        await loop.sock_sendall(deaf, HANDSHAKE.encode())
        assert b" 101 " in await loop.sock_recv(deaf, 4096)
        join = {"id": 1, "method": "join", "params": {"token": side.token(room_name="demo"), "userName": "deaf"}}
        await loop.sock_sendall(deaf, masked(json.dumps(join)))
        await listener.wait_for("participant-joined")
        event = {"action": "app-message", "data": "x" * 65536, "fromId": "y"}
        for _ in range(2 * MOST_UNSENT // 65536):
            room.publish(event)
            await asyncio.sleep(0)
        await listener.wait_for("participant-left")
    records = [record for record in side.timeline.records(kind="client") if "action" in record.fields]
    (record,) = records
    assert record.fields["client"] == "deaf"
    assert "does not read" in record.fields["reason"]
    assert await listener.wait_for("app-message")
    await listener.leave()


async def test_frames_beyond_the_limit_are_dropped() -> None:
    frames = OutgoingFrames()
    frames.put(Frame("a", 1))
    frames.put_binary()
    assert await frames.get() is None
    assert await frames.get() == Frame("a", 1)
    for _ in range(3):
        frames.put(Frame("x" * (MOST_UNSENT // 2), 2))
    assert frames.overflowed.is_set()
    frames.put_binary()
    assert await frames.get() is None
