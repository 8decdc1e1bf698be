"""Pictures over the signalling, message by message."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.media.picture_wire import PictureMessage
from fake_daily_server.server import FakeDaily
from tests.integration.signalling.raw_client import RawClient, raw_client

PICTURE = PictureMessage(None, 7, 5, bytes(range(59)))


@pytest.fixture
async def room(fake_daily: FakeDaily) -> RoomHandle:
    return await fake_daily.create_room()


@pytest.fixture
async def clients(room: RoomHandle) -> AsyncIterator[tuple[RawClient, RawClient]]:
    """One who shows and one who watches."""
    async with raw_client(room.url) as shower, raw_client(room.url) as watcher:
        yield shower, watcher


async def next_picture(client: RawClient) -> PictureMessage:
    async with asyncio.timeout(5):
        while True:
            if isinstance(message := await client.socket.recv(), bytes):
                return PictureMessage.parse(message)


async def next_error(client: RawClient, request_id: int | None = None) -> str:
    """What a refusal says."""
    async with asyncio.timeout(5):
        while True:
            frame: dict[str, Any] = json.loads(await client.socket.recv())
            if "error" in frame:
                assert frame["id"] == request_id
                return str(frame["error"]["info"])


async def test_a_picture_goes_to_who_watches_as_it_is(clients: tuple[RawClient, RawClient]) -> None:
    shower, watcher = clients
    assert await watcher.ask("setVideo", receive=True) | {"id": 0} == {"id": 0, "result": {}}
    await shower.ask("setVideo", send=True)
    await shower.socket.send(bytes(PICTURE))
    assert await next_picture(watcher) == PictureMessage(shower.session_id, 7, 5, PICTURE.planes)


async def test_only_those_who_were_chosen_are_watched(clients: tuple[RawClient, RawClient]) -> None:
    shower, watcher = clients
    await shower.ask("setVideo", send=True)
    await watcher.ask("setVideo", receive=True, participants=[watcher.session_id])
    await shower.socket.send(bytes(PICTURE))
    await watcher.ask("setVideo", receive=True, participants=[shower.session_id])
    second = PictureMessage(None, 2, 2, bytes(6))
    await shower.socket.send(bytes(second))
    assert (await next_picture(watcher)).width == 2


async def test_a_camera_that_is_turned_off_shows_nothing_more(clients: tuple[RawClient, RawClient]) -> None:
    shower, watcher = clients
    await watcher.ask("setVideo", receive=True)
    await shower.ask("setVideo", send=True)
    shown = (await watcher.ask("participants"))["result"]["participants"][shower.session_id]
    assert shown["tracks"]["video"]["state"] == "playable"
    await shower.ask("setVideo")
    await shower.socket.send(bytes(PICTURE))
    assert await next_error(shower) == "the frame is a picture, and setVideo has not been asked for with send: true"


async def test_a_picture_that_cannot_be_read_is_told(clients: tuple[RawClient, RawClient]) -> None:
    shower, _ = clients
    await shower.ask("setVideo", send=True)
    await shower.socket.send(bytes(PICTURE)[:-1])
    assert await next_error(shower) == "a picture of 7x5 has 58 bytes of I420 but should have 59"


async def test_video_goes_one_way_or_the_other(clients: tuple[RawClient, RawClient]) -> None:
    shower, _ = clients
    await shower.ask("setMedia", receive="off", video=True)  # an offer follows
    await shower.socket.send(json.dumps({"id": 99, "method": "setVideo", "params": {"send": True}}))
    assert (
        await next_error(shower, 99)
        == "setVideo: this client's video goes over WebRTC; turn that off first with setMedia"
    )
