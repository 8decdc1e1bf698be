"""Sound through DailyTransport: each party has a tone, both ways, in real time and in order."""

from __future__ import annotations

import asyncio

import pytest

from fake_daily_server.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.network import Network
from tests.interop.pipecat.making import make

pytestmark = pytest.mark.interop("pipecat")

CALLER, OTHER = "+12065550199", "+12065550198"
BOT_HZ = 660
MOST_MS = 1000
"""From the phone's mouth to the bot, 350 ms until the bot knows that it is over, and back to the phone's ear."""


@pytest.mark.parametrize("rate", [8000, 16000, 24000])
async def test_sound_at_any_rate(phone_network: Network, daily_room: RoomHandle, rate: int) -> None:
    from pipecat.frames.frames import TranscriptionFrame, TTSSpeakFrame

    from tests.interop.pipecat.services import ToneTextToSpeech

    processors = [ToneTextToSpeech(BOT_HZ)]
    async with make(daily_room, rate=rate, words={440: "hello"}, processors=processors) as bot:
        call = await (await phone_network.phone(CALLER)).dial(await bot.event("on_dialin_ready"))
        session_id = (await bot.event("on_participant_joined"))["id"]
        await call.hum(440)
        await bot.frame(TranscriptionFrame, text="hello", user_id=session_id)
        await call.hush()
        await bot.worker.queue_frame(TTSSpeakFrame("five words are enough here"))
        await call.expect_tones([BOT_HZ])
        await call.hang_up()


async def test_parties_are_told_apart(fake_daily: FakeDaily, phone_network: Network) -> None:
    from pipecat.frames.frames import TranscriptionFrame

    room = await fake_daily.create_room(sip={"display_name": "caller", "num_endpoints": 2})
    async with make(room, words={440: "low", 520: "high"}) as bot:
        sessions = []
        for number, hz in ((CALLER, 440), (OTHER, 520)):
            call = await (await phone_network.phone(number)).dial(await bot.event("on_dialin_ready"))
            sessions.append((await bot.event("on_participant_joined"))["id"])
            await call.hum(hz)
        await bot.frame(TranscriptionFrame, text="low", user_id=sessions[0])
        await bot.frame(TranscriptionFrame, text="high", user_id=sessions[1])
        words = {(frame.user_id, frame.text) for frame in bot.frames if isinstance(frame, TranscriptionFrame)}
        assert words == {(sessions[0], "low"), (sessions[1], "high")}


async def test_sound_comes_back_whole_and_soon(phone_network: Network, daily_room: RoomHandle) -> None:
    from tests.interop.pipecat.echo import Echo

    async with make(daily_room, processors=[Echo()]) as bot:
        call = await (await phone_network.phone(CALLER)).dial(await bot.event("on_dialin_ready"))
        await bot.event("on_participant_joined")
        await call.hum(440, seconds=0.6)
        await call.expect_tone(440)
        await call.expect_silence(0.2)
        await call.expect_latency(to=call, at_most_ms=MOST_MS)


async def test_speaking_begins_and_ends_in_real_time(phone_network: Network, daily_room: RoomHandle) -> None:
    from pipecat.frames.frames import BotStartedSpeakingFrame, BotStoppedSpeakingFrame, TTSSpeakFrame

    from tests.interop.pipecat.services import ToneTextToSpeech

    async with make(daily_room, processors=[ToneTextToSpeech(BOT_HZ)]) as bot:
        call = await (await phone_network.phone(CALLER)).dial(await bot.event("on_dialin_ready"))
        await bot.event("on_participant_joined")
        await call.listen()
        await bot.worker.queue_frame(TTSSpeakFrame(" ".join(["word"] * 8)))
        await bot.frame(BotStartedSpeakingFrame)
        began = asyncio.get_running_loop().time()
        await call.expect_tone(BOT_HZ)
        await bot.frame(BotStoppedSpeakingFrame)
        spoke = asyncio.get_running_loop().time() - began
        assert 0.7 < spoke < 2, "eight words take 0.8 s, and Pipecat waits before it says that it has stopped"


async def test_one_track_with_everybody(fake_daily: FakeDaily, phone_network: Network) -> None:
    from pipecat.frames.frames import TranscriptionFrame

    room = await fake_daily.create_room(sip={"display_name": "caller", "num_endpoints": 1})
    async with make(room, words={440: "hello"}, params={"audio_in_user_tracks": False}) as bot:
        call = await (await phone_network.phone(CALLER)).dial(await bot.event("on_dialin_ready"))
        await bot.event("on_participant_joined")
        await call.hum(440)
        await bot.frame(TranscriptionFrame, text="hello")


async def test_an_interruption_ends_what_is_said(phone_network: Network, daily_room: RoomHandle) -> None:
    from pipecat.frames.frames import InterruptionFrame, TTSSpeakFrame

    from tests.interop.pipecat.services import ToneTextToSpeech

    async with make(daily_room, processors=[ToneTextToSpeech(BOT_HZ)]) as bot:
        call = await (await phone_network.phone(CALLER)).dial(await bot.event("on_dialin_ready"))
        await bot.event("on_participant_joined")
        await bot.worker.queue_frame(TTSSpeakFrame(" ".join(["word"] * 100)))
        await call.expect_tone(BOT_HZ)
        await bot.worker.queue_frame(InterruptionFrame())
        await call.expect_silence(0.5, within=1.5)
