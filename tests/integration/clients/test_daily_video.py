"""Video between the module `daily`, phones with video and other clients."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest
from av import VideoFrame as Picture

from fake_daily_server.clients.python.daily import (
    CallClient,
    CustomVideoSource,
    CustomVideoTrack,
    Daily,
    EventHandler,
    VideoFrame,
)
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.network import Network
from simulator.video.test_card import TestCard, read_number

WIDTH, HEIGHT = 160, 120


class Frames:
    """A video renderer callback that keeps what it receives."""

    def __init__(self) -> None:
        self._frames: asyncio.Queue[VideoFrame] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()

    def __call__(self, participant_id: str, frame: VideoFrame, source: str) -> None:
        self._loop.call_soon_threadsafe(self._frames.put_nowait, frame)

    async def number(self) -> int:
        """Return the number on the next test card."""
        async with asyncio.timeout(10):
            while True:
                frame = await self._frames.get()
                pixels = np.frombuffer(frame.buffer, np.uint8).reshape(frame.height, frame.width, 4)
                number = read_number(Picture.from_ndarray(pixels.copy(), format=frame.color_format.lower()))
                if number is not None:
                    return number


class Handler(EventHandler):
    """Records states of cameras."""

    def __init__(self) -> None:
        super().__init__()
        self.cameras: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()

    def on_participant_updated(self, participant: Any) -> None:
        camera = participant["id"], participant["media"]["camera"]["state"]
        self._loop.call_soon_threadsafe(self.cameras.put_nowait, camera)


class Bot:
    """A client of the module `daily`, with its verbs as coroutines."""

    def __init__(self) -> None:
        self.handler = Handler()
        self.client = CallClient(self.handler)
        self.source = CustomVideoSource(WIDTH, HEIGHT, "RGBA")
        self.track = CustomVideoTrack(self.source)
        self.session_id = ""
        self._card = TestCard(WIDTH, HEIGHT)

    async def do(self, verb: Any, *args: Any, **kwargs: Any) -> Any:
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[tuple[Any, ...]] = loop.create_future()
        verb(*args, **kwargs, completion=lambda *answer: loop.call_soon_threadsafe(answered.set_result, answer))
        async with asyncio.timeout(10):
            *result, error = await answered
        assert error is None
        return result[0] if result else None

    async def join(self, room: RoomHandle, *, camera: bool = False) -> None:
        inputs = {"camera": {"isEnabled": camera, "settings": {"customTrack": {"id": self.track.id}}}}
        data = await self.do(self.client.join, room.url, room.owner_token, client_settings={"inputs": inputs})
        self.session_id = data["participants"]["local"]["id"]

    def watch(self, session_id: str, color_format: str = "RGBA") -> Frames:
        frames = Frames()
        self.client.set_video_renderer(session_id, frames, color_format=color_format)
        return frames

    async def film(self, device: Any = None) -> None:
        """Write test cards, 15 per second, numbered from 5000 on."""
        number = 5000
        while True:
            card = self._card.picture(number).to_ndarray(format="rgba").tobytes()
            (device or self.source).write_frame(card)
            number += 1
            await asyncio.sleep(1 / 15)


@pytest.fixture
async def bots() -> Any:
    made: list[Bot] = []

    def bot() -> Bot:
        made.append(Bot())
        return made[-1]

    yield bot
    for each in made:
        each.client.release()


@pytest.fixture
async def filming() -> Any:
    """Start writing a bot's test cards; stopped at the end of the test."""
    tasks: list[asyncio.Task[None]] = []
    yield lambda bot, *device: tasks.append(asyncio.create_task(bot.film(*device)))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def room(fake_daily: FakeDaily) -> RoomHandle:
    return await fake_daily.create_room(enable_dialout=True)


@pytest.mark.parametrize("color_format", ["RGBA", "BGRA"])
async def test_a_camera_is_seen_by_another_client(bots: Any, room: RoomHandle, filming: Any, color_format: str) -> None:
    film, watch = bots(), bots()
    await film.join(room, camera=True)
    await watch.join(room)
    frames = watch.watch(film.session_id, color_format)
    filming(film)
    first = await frames.number()
    assert 5000 <= first < await frames.number()


async def test_a_phone_and_a_bot_see_each_other(
    bots: Any, room: RoomHandle, phone_network: Network, filming: Any
) -> None:
    bot = bots()
    await bot.join(room, camera=True)
    filming(bot)
    phone = await phone_network.phone(uri="sip:carol@example.com", video=("VP8",))
    session_id = await bot.do(bot.client.start_dialout, {"sipUri": phone.uri, "video": True})
    frames = bot.watch(session_id)
    call = await phone.wait_for_call()
    seen = await call.expect_video(codec="VP8", pictures=3, within=10)
    assert min(seen.numbers) >= 5000
    assert await frames.number() < 5000
    await call.hang_up()


async def test_a_camera_that_is_off_is_not_seen(bots: Any, room: RoomHandle, filming: Any) -> None:
    film, watch = bots(), bots()
    await film.join(room)
    await watch.join(room)
    frames = watch.watch(film.session_id)
    filming(film)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await frames.number()
    await film.do(film.client.update_inputs, {"camera": True})
    await frames.number()
    assert await watch.handler.cameras.get() == (film.session_id, "playable")
    await film.do(film.client.update_publishing, {"camera": False})
    assert await watch.handler.cameras.get() == (film.session_id, "off")


async def test_a_virtual_camera_is_seen_by_another_client(bots: Any, room: RoomHandle, filming: Any) -> None:
    film, watch = bots(), bots()
    camera = Daily.create_camera_device("webcam", WIDTH, HEIGHT)
    await film.join(room)
    await watch.join(room)
    frames = watch.watch(film.session_id)
    await film.do(film.client.update_inputs, {"camera": {"isEnabled": True, "settings": {"deviceId": "webcam"}}})
    filming(film, camera)
    await frames.number()


async def test_a_large_picture_does_not_break_the_connection(bots: Any, room: RoomHandle) -> None:
    film, watch = bots(), bots()
    source = CustomVideoSource(1920, 1080, "I420")
    camera = {"isEnabled": True, "settings": {"customTrack": {"id": CustomVideoTrack(source).id}}}
    await film.join(room)
    await watch.join(room)
    seen: asyncio.Queue[tuple[int, int]] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    watch.client.set_video_renderer(
        film.session_id,
        lambda _participant, frame, _source: loop.call_soon_threadsafe(seen.put_nowait, (frame.width, frame.height)),
        color_format="I420",
    )
    await film.do(film.client.update_inputs, {"camera": camera})
    async with asyncio.timeout(10):
        while seen.empty():
            source.write_frame(bytes(1920 * 1080 * 3 // 2))
            await asyncio.sleep(0.1)
    assert await seen.get() == (1920, 1080)
    await film.do(film.client.send_app_message, "still here")
