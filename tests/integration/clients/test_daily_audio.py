"""Audio between the module `daily`, phones and other clients: real SIP, RTP and WebSockets."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from fake_daily_server.clients.python.daily import (
    AudioData,
    CallClient,
    CustomAudioSource,
    CustomAudioTrack,
    Daily,
    EventHandler,
)
from fake_daily_server.clients.python.daily._audio import speaker
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.network import Network
from simulator.phone_call import PhoneCall

LOUD, QUIET = -30, -45
"""dBFS above which a tone is present, and below which it is absent."""

Samples = npt.NDArray[np.int16]


def sine(hz: float, seconds: float, rate: int, amplitude: float = 5000) -> bytes:
    samples = amplitude * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)
    return samples.astype("<i2").tobytes()


class Heard:
    """An audio renderer callback that keeps what it receives, with the time."""

    def __init__(self) -> None:
        self.data: list[tuple[float, AudioData]] = []
        self._loop = asyncio.get_running_loop()
        self._came = asyncio.Event()

    def __call__(self, participant_id: str, data: AudioData, source: str) -> None:
        self.data.append((time.monotonic(), data))
        self._loop.call_soon_threadsafe(self._came.set)

    async def next(self, count: int) -> list[AudioData]:
        """Wait for `count` more callbacks; return their data."""
        begin = len(self.data)
        async with asyncio.timeout(10):
            while len(self.data) < begin + count:
                self._came.clear()
                await self._came.wait()
        return [data for _, data in self.data[begin : begin + count]]


def samples_of(data: list[AudioData]) -> Samples:
    return np.frombuffer(b"".join(each.audio_frames for each in data), "<i2").astype(np.int16)


def level(samples: Samples, hz: float, rate: int = 16000) -> float:
    """The level of a tone, in dBFS."""
    times = np.arange(len(samples)) / rate
    part = np.abs(np.mean(samples * np.exp(-2j * np.pi * hz * times))) * np.sqrt(2) / 32768
    return float(20 * np.log10(part + 1e-9))


def loud_parts(samples: Samples, hz: float, rate: int = 16000) -> float:
    """The share of the time in which a tone is present, 0 to 1."""
    size = rate // 20
    parts = [samples[at : at + size] for at in range(0, len(samples) - size + 1, size)]
    return sum(level(part, hz, rate) > LOUD for part in parts) / len(parts)


async def tone(heard: Heard, hz: float, intervals: int, rate: int = 16000) -> list[AudioData]:
    """Wait until a tone is present, then return the next intervals; a busy machine leaves gaps in it."""
    async with asyncio.timeout(10):
        while loud_parts(samples_of(data := await heard.next(10)), hz, rate) < 0.5:
            pass
    return await heard.next(intervals) if intervals else data


class Bot:
    """A client of the module `daily`, with its verbs as coroutines."""

    def __init__(self, rate: int = 24000, channels: int = 1) -> None:
        self.client = CallClient(EventHandler())
        self.source = CustomAudioSource(rate, channels)
        self.track = CustomAudioTrack(self.source)
        self.session_id = ""

    async def do(self, verb: Any, *args: Any, **kwargs: Any) -> Any:
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[tuple[Any, ...]] = loop.create_future()
        verb(*args, **kwargs, completion=lambda *answer: loop.call_soon_threadsafe(answered.set_result, answer))
        async with asyncio.timeout(10):
            *result, error = await answered
        assert error is None
        return result[0] if result else None

    async def join(self, room: RoomHandle, *, microphone: bool = True) -> None:
        custom = {"isEnabled": microphone, "settings": {"customTrack": {"id": self.track.id}}}
        data = await self.do(
            self.client.join, room.url, room.owner_token, client_settings={"inputs": {"microphone": custom}}
        )
        self.session_id = data["participants"]["local"]["id"]

    async def write(self, pcm: bytes) -> int:
        loop = asyncio.get_running_loop()
        written: asyncio.Future[int] = loop.create_future()
        self.source.write_frames(pcm, completion=lambda n: loop.call_soon_threadsafe(written.set_result, n))
        return await written

    def listen(self, session_id: str, **how: Any) -> Heard:
        heard = Heard()
        self.client.set_audio_renderer(session_id, heard, **how)
        return heard


@pytest.fixture
async def bots() -> AsyncIterator[Any]:
    made: list[Bot] = []

    def bot(*args: Any, **kwargs: Any) -> Bot:
        made.append(Bot(*args, **kwargs))
        return made[-1]

    yield bot
    for each in made:
        each.client.release()


@pytest.fixture
async def room(fake_daily: FakeDaily) -> RoomHandle:
    return await fake_daily.create_room(enable_dialout=True)


numbers = itertools.count(2065550100)


async def called(bot: Bot, network: Network) -> tuple[str, PhoneCall]:
    """Dial a new phone from the bot; return the session id and the phone's call."""
    phone = await network.phone(f"+1{next(numbers)}", calls=[{"then": "answer"}])
    session_id = await bot.do(bot.client.start_dialout, {"phoneNumber": phone.number})
    return session_id, await phone.wait_for_call()


@pytest.mark.parametrize(("rate", "interval_ms"), [(16000, 10), (24000, 20), (48000, 30)])
async def test_audio_of_a_phone_reaches_a_renderer(
    bots: Any, room: RoomHandle, phone_network: Network, rate: int, interval_ms: int
) -> None:
    bot = bots()
    await bot.join(room, microphone=False)
    session_id, call = await called(bot, phone_network)
    heard = bot.listen(session_id, sample_rate=rate, callback_interval_ms=interval_ms)
    await call.hum(440)
    data = await tone(heard, 440, 600 // interval_ms, rate)
    assert {(each.sample_rate, each.num_channels, each.bits_per_sample) for each in data} == {(rate, 1, 16)}
    assert {each.num_audio_frames for each in data} == {rate * interval_ms // 1000}
    assert level(samples_of(data), 700, rate) < QUIET


async def test_written_audio_reaches_the_phone_in_real_time(
    bots: Any, room: RoomHandle, phone_network: Network
) -> None:
    bot = bots(24000)
    await bot.join(room)
    _, call = await called(bot, phone_network)
    listening = asyncio.create_task(call.expect_tone(450, within=10))
    sound = sine(450, 0.04, 24000)  # 18 whole periods, so that there is no discontinuity
    begun = time.monotonic()
    written = 0
    while not listening.done():
        assert await bot.write(sound) == 960
        written += 960
        assert time.monotonic() - begun >= written / 24000 - 0.002
    await listening


async def test_two_participants_are_rendered_separately(bots: Any, room: RoomHandle, phone_network: Network) -> None:
    listener, other = bots(), bots(48000, 2)
    await listener.join(room, microphone=False)
    await other.join(room)
    session_id, call = await called(listener, phone_network)
    phone, bot = listener.listen(session_id), listener.listen(other.session_id)
    await call.hum(440)
    other.source.write_frames(sine(900, 20.0, 96000), completion=lambda _: None)
    from_phone, from_bot = await asyncio.gather(tone(phone, 440, 25), tone(bot, 900, 25))
    assert level(samples_of(from_phone), 900) < QUIET
    assert level(samples_of(from_bot), 440) < QUIET


async def test_a_silent_participant_is_rendered_as_silence(bots: Any, room: RoomHandle) -> None:
    listener, other = bots(), bots()
    await other.join(room)
    await listener.join(room, microphone=False)
    heard = listener.listen(other.session_id)
    data = await heard.next(25)
    assert not samples_of(data).any()
    other.source.write_frames(sine(440, 20.0, 24000), completion=lambda _: None)
    await tone(heard, 440, 0)


async def test_muting_and_unmuting(bots: Any, room: RoomHandle, phone_network: Network) -> None:
    bot = bots(16000)
    await bot.join(room)
    _, call = await called(bot, phone_network)
    bot.source.write_frames(sine(440, 20.0, 16000), completion=lambda _: None)
    await call.expect_tone(440, within=10)
    await bot.do(bot.client.update_publishing, {"microphone": False})
    await call.expect_silence(0.5, within=10)
    await bot.do(bot.client.update_publishing, {"microphone": True})
    await call.expect_tone(440, within=10)
    await bot.do(bot.client.update_inputs, {"microphone": False})
    await call.expect_silence(0.5, within=10)


async def test_phones_hear_custom_tracks_mixed_with_the_microphone(
    bots: Any, room: RoomHandle, phone_network: Network
) -> None:
    bot = bots(16000)
    await bot.join(room)
    _, call = await called(bot, phone_network)
    music = CustomAudioSource(48000, 1)
    await bot.do(bot.client.add_custom_audio_track, "music", CustomAudioTrack(music))
    music.write_frames(sine(700, 20.0, 48000), completion=lambda _: None)
    await call.expect_tone(700, within=10)
    bot.source.write_frames(sine(440, 20.0, 16000), completion=lambda _: None)
    await call.expect_tones([440, 700], within=10)
    await bot.do(bot.client.remove_custom_audio_track, "music")
    await call.expect_tone(440, within=10)


async def test_a_custom_track_is_rendered_under_its_name(bots: Any, room: RoomHandle) -> None:
    listener, other = bots(), bots(16000)
    await other.join(room)
    await listener.join(room, microphone=False)
    voice = listener.listen(other.session_id)
    music = listener.listen(other.session_id, audio_source="music")
    source = CustomAudioSource(16000, 1)
    await other.do(other.client.add_custom_audio_track, "music", CustomAudioTrack(source))
    source.write_frames(sine(700, 20.0, 16000), completion=lambda _: None)
    other.source.write_frames(sine(440, 20.0, 16000), completion=lambda _: None)
    from_voice, from_music = await asyncio.gather(tone(voice, 440, 25), tone(music, 700, 25))
    assert level(samples_of(from_voice), 700) < QUIET
    assert level(samples_of(from_music), 440) < QUIET
    await other.do(other.client.remove_custom_audio_track, "music")


async def test_audio_continues_after_a_lost_connection(
    bots: Any, room: RoomHandle, phone_network: Network, fake_daily: FakeDaily
) -> None:
    bot = bots(16000)
    await bot.join(room)
    session_id, call = await called(bot, phone_network)
    heard = bot.listen(session_id)
    await call.hum(440)
    bot.source.write_frames(sine(900, 20.0, 16000), completion=lambda _: None)
    await asyncio.gather(tone(heard, 440, 0), call.expect_tone(900, within=10))
    await fake_daily.cut_network(bot.session_id, seconds=0.3)
    await call.expect_silence(0.2, within=10)
    await asyncio.gather(tone(heard, 440, 0), call.expect_tone(900, within=10))


async def test_only_subscribed_participants_are_rendered(bots: Any, room: RoomHandle, phone_network: Network) -> None:
    bot = bots()
    await bot.do(bot.client.update_subscription_profiles, {"base": {"microphone": "unsubscribed"}})
    await bot.join(room, microphone=False)
    session_id, call = await called(bot, phone_network)
    heard = bot.listen(session_id)
    await call.hum(440)
    await call.expect_silence(0.2, within=10)
    assert heard.data == []
    here = {session_id: {"media": {"microphone": "subscribed"}}}
    await bot.do(bot.client.update_subscriptions, participant_settings=here)
    await tone(heard, 440, 0)
    away = {session_id: {"media": {"microphone": "unsubscribed"}}}
    await bot.do(bot.client.update_subscriptions, participant_settings=away)
    count = len(heard.data)
    await call.expect_silence(0.2, within=10)
    assert len(heard.data) - count <= 1, "one callback may have been queued already"


async def test_no_renderer_is_called_after_leaving(bots: Any, room: RoomHandle, phone_network: Network) -> None:
    bot = bots()
    await bot.join(room, microphone=False)
    session_id, call = await called(bot, phone_network)
    heard = bot.listen(session_id)
    await heard.next(5)
    await bot.do(bot.client.leave)
    count = len(heard.data)
    await call.wait_for_end()
    assert len(heard.data) - count <= 1, "one callback may have been queued already"


async def test_the_selected_speaker_plays_the_room(
    bots: Any, room: RoomHandle, phone_network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speaker._Selection, "playout", None)
    monkeypatch.setattr(speaker._Selection, "device", None)
    bot = bots()
    device = Daily.create_speaker_device("room speaker", 24000, 1)
    Daily.select_speaker_device("room speaker")
    assert device.read_frames(480) == b""
    await bot.join(room, microphone=False)
    session_id, call = await called(bot, phone_network)
    heard = bot.listen(session_id)
    await call.hum(440)
    await tone(heard, 440, 0)
    await asyncio.to_thread(device.read_frames, 2400)
    begun = time.monotonic()
    pcm = await asyncio.to_thread(device.read_frames, 24000)
    assert time.monotonic() - begun >= 0.9, "it plays in real time"
    async with asyncio.timeout(10):
        while loud_parts(np.frombuffer(pcm, "<i2").astype(np.int16), 440, 24000) < 0.5:
            pcm = await asyncio.to_thread(device.read_frames, 4800)


async def test_a_virtual_microphone_is_heard_by_a_phone(bots: Any, room: RoomHandle, phone_network: Network) -> None:
    bot = bots()
    microphone = Daily.create_microphone_device("handset", 48000, 1)
    await bot.join(room, microphone=False)
    _, call = await called(bot, phone_network)
    device = {"microphone": {"isEnabled": True, "settings": {"deviceId": "handset"}}}
    await bot.do(bot.client.update_inputs, device)
    begun = time.monotonic()
    speaking = asyncio.create_task(asyncio.to_thread(microphone.write_frames, sine(440, 1.5, 48000)))
    await call.expect_tone(440, within=10)
    assert await speaking == 72000
    assert time.monotonic() - begun >= 1.49


async def test_with_fast_pacing_writes_complete_at_once_and_the_room_hears_everything(
    bots: Any, room: RoomHandle, phone_network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAILY_SIM_PACING", "fast")
    bot = bots(16000)
    await bot.join(room)
    listener = bots()
    await listener.join(room, microphone=False)
    heard = listener.listen(bot.session_id)
    await heard.next(1)
    begun = time.monotonic()
    for part in range(4):
        assert await bot.write(sine(300 + 200 * part, 0.4, 16000)) == 6400
    assert bot.source.write_frames(sine(1100, 0.4, 16000)) == 6400
    assert time.monotonic() - begun < 1.5, "it is 2 s of audio"
    for part in range(5):
        await tone(heard, 300 + 200 * part, 0)
