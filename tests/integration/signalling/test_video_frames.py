"""Video frames as binary messages of the signalling."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.media.video_message import VideoMessage
from fake_daily_server.server import FakeDaily
from tests.integration.signalling.raw_client import RawClient, raw_client

FRAME = VideoMessage(None, 7, 5, bytes(range(59)))


@pytest.fixture
async def room(fake_daily: FakeDaily) -> RoomHandle:
    return await fake_daily.create_room()


@pytest.fixture
async def clients(room: RoomHandle) -> AsyncIterator[tuple[RawClient, RawClient]]:
    """A client that sends video and one that watches."""
    async with raw_client(room.url) as sender, raw_client(room.url) as watcher:
        yield sender, watcher


async def next_frame(client: RawClient) -> VideoMessage:
    async with asyncio.timeout(5):
        while True:
            if isinstance(message := await client.socket.recv(), bytes):
                return VideoMessage.parse(message)


async def next_error(client: RawClient, request_id: int | None = None) -> str:
    """Return the explanation of the next refusal."""
    async with asyncio.timeout(5):
        while True:
            frame: dict[str, Any] = json.loads(await client.socket.recv())
            if "error" in frame:
                assert frame["id"] == request_id
                return str(frame["error"]["info"])


async def test_a_video_frame_reaches_a_watching_client_unchanged(clients: tuple[RawClient, RawClient]) -> None:
    sender, watcher = clients
    assert await watcher.ask("setVideo", receive=True) | {"id": 0} == {"id": 0, "result": {}}
    await sender.ask("setVideo", send=True)
    await sender.socket.send(bytes(FRAME))
    assert await next_frame(watcher) == VideoMessage(sender.session_id, 7, 5, FRAME.planes)


async def test_only_the_chosen_participants_are_received(clients: tuple[RawClient, RawClient]) -> None:
    sender, watcher = clients
    await sender.ask("setVideo", send=True)
    await watcher.ask("setVideo", receive=True, participants=[watcher.session_id])
    await sender.socket.send(bytes(FRAME))
    await watcher.ask("setVideo", receive=True, participants=[sender.session_id])
    second = VideoMessage(None, 2, 2, bytes(6))
    await sender.socket.send(bytes(second))
    assert (await next_frame(watcher)).width == 2


async def test_video_frames_are_refused_once_the_camera_is_off(clients: tuple[RawClient, RawClient]) -> None:
    sender, watcher = clients
    await watcher.ask("setVideo", receive=True)
    await sender.ask("setVideo", send=True)
    shown = (await watcher.ask("participants"))["result"]["participants"][sender.session_id]
    assert shown["tracks"]["video"]["state"] == "playable"
    await sender.ask("setVideo")
    await sender.socket.send(bytes(FRAME))
    assert await next_error(sender) == "the frame is video, but the camera is off; request setVideo with send: true"


async def test_a_malformed_video_frame_is_answered_with_an_error(clients: tuple[RawClient, RawClient]) -> None:
    sender, _ = clients
    await sender.ask("setVideo", send=True)
    await sender.socket.send(bytes(FRAME)[:-1])
    assert await next_error(sender) == "a video frame of 7x5 has 58 bytes of I420 but should have 59"


async def test_set_video_is_refused_while_video_uses_webrtc(clients: tuple[RawClient, RawClient]) -> None:
    sender, _ = clients
    await sender.ask("setMedia", receive="off", video=True)  # an offer follows
    await sender.socket.send(json.dumps({"id": 99, "method": "setVideo", "params": {"send": True}}))
    assert (
        await next_error(sender, 99) == "setVideo: this client's video uses WebRTC; turn that off first with setMedia"
    )
