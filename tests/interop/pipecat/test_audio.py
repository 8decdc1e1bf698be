"""Audio through DailyTransport, in both directions and in real time; each party has a tone."""

from __future__ import annotations

import asyncio

import pytest

from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.audio.tones import tone
from simulator.network import Network
from tests.interop.pipecat.bot_runs import transport_bot

pytestmark = pytest.mark.interop("pipecat")

CALLER, OTHER = "+12065550199", "+12065550198"
BOT_HZ = 660
TONE_S = 0.8
ROUND_TRIP_S = 1.5
"""Time limit: 0.1 s until the echo detects the end, 0.3 s until a tone is detected, the rest for busy machines."""


@pytest.mark.parametrize("rate", [8000, 16000, 24000])
async def test_audio_in_both_directions_at_any_rate(phone_network: Network, daily_room: RoomHandle, rate: int) -> None:
    from pipecat.frames.frames import TranscriptionFrame, TTSSpeakFrame

    from tests.interop.pipecat.services import ToneTextToSpeech

    processors = [ToneTextToSpeech(BOT_HZ)]
    async with transport_bot(daily_room, rate=rate, words={440: "hello"}, processors=processors) as bot:
        call = await (await phone_network.phone(CALLER)).dial(await bot.event("on_dialin_ready"))
        session_id = (await bot.event("on_participant_joined"))["id"]
        await call.hum(440)
        await bot.frame(TranscriptionFrame, text="hello", user_id=session_id)
        await call.hush()
        await bot.worker.queue_frame(TTSSpeakFrame("five words are enough here"))
        await call.expect_tones([BOT_HZ])
        await call.hang_up()


async def test_participants_are_transcribed_separately(fake_daily: FakeDaily, phone_network: Network) -> None:
    from pipecat.frames.frames import TranscriptionFrame

    room = await fake_daily.create_room(sip={"display_name": "caller", "num_endpoints": 2})
    async with transport_bot(room, words={440: "low", 520: "high"}) as bot:
        sessions = []
        for number, hz in ((CALLER, 440), (OTHER, 520)):
            call = await (await phone_network.phone(number)).dial(await bot.event("on_dialin_ready"))
            sessions.append((await bot.event("on_participant_joined"))["id"])
            await call.hum(hz)
        await bot.frame(TranscriptionFrame, text="low", user_id=sessions[0])
        await bot.frame(TranscriptionFrame, text="high", user_id=sessions[1])
        words = {(frame.user_id, frame.text) for frame in bot.frames if isinstance(frame, TranscriptionFrame)}
        assert words == {(sessions[0], "low"), (sessions[1], "high")}


async def test_an_echo_returns_within_the_round_trip_time(phone_network: Network, daily_room: RoomHandle) -> None:
    from tests.interop.pipecat.echo import Echo

    async with transport_bot(daily_room, processors=[Echo()]) as bot:
        call = await (await phone_network.phone(CALLER)).dial(await bot.event("on_dialin_ready"))
        await bot.event("on_participant_joined")
        await call.listen()
        began = asyncio.get_running_loop().time()
        await call.hum(440, seconds=TONE_S)
        await call.expect_tone(440)
        assert asyncio.get_running_loop().time() - began < TONE_S + ROUND_TRIP_S


async def test_speaking_frames_follow_real_time(phone_network: Network, daily_room: RoomHandle) -> None:
    from pipecat.frames.frames import BotStartedSpeakingFrame, BotStoppedSpeakingFrame, TTSSpeakFrame

    from tests.interop.pipecat.services import ToneTextToSpeech

    async with transport_bot(daily_room, processors=[ToneTextToSpeech(BOT_HZ)]) as bot:
        call = await (await phone_network.phone(CALLER)).dial(await bot.event("on_dialin_ready"))
        await bot.event("on_participant_joined")
        await call.listen()
        await bot.worker.queue_frame(TTSSpeakFrame("four words, no more"))
        await bot.frame(BotStartedSpeakingFrame)
        began = asyncio.get_running_loop().time()
        await call.expect_tone(BOT_HZ)
        await bot.frame(BotStoppedSpeakingFrame)
        spoke = asyncio.get_running_loop().time() - began
        assert spoke > 0.7, "four words take 0.8 s"


async def test_one_mixed_track_of_all_participants(fake_daily: FakeDaily, phone_network: Network) -> None:
    from pipecat.frames.frames import TranscriptionFrame

    room = await fake_daily.create_room(sip={"display_name": "caller", "num_endpoints": 1})
    async with transport_bot(room, words={440: "hello"}, params={"audio_in_user_tracks": False}) as bot:
        call = await (await phone_network.phone(CALLER)).dial(await bot.event("on_dialin_ready"))
        await bot.event("on_participant_joined")
        await call.hum(440)
        await bot.frame(TranscriptionFrame, text="hello")


async def test_an_interruption_stops_the_speech(phone_network: Network, daily_room: RoomHandle) -> None:
    from pipecat.frames.frames import InterruptionFrame, TTSSpeakFrame

    from tests.interop.pipecat.services import ToneTextToSpeech

    async with transport_bot(daily_room, processors=[ToneTextToSpeech(BOT_HZ)]) as bot:
        call = await (await phone_network.phone(CALLER)).dial(await bot.event("on_dialin_ready"))
        await bot.event("on_participant_joined")
        await bot.worker.queue_frame(TTSSpeakFrame(" ".join(["word"] * 100)))
        await call.expect_tone(BOT_HZ)
        await bot.worker.queue_frame(InterruptionFrame())
        await call.expect_silence(0.5, within=1.5)


async def test_an_output_destination_is_a_custom_track(
    fake_daily: FakeDaily, phone_network: Network, daily_room: RoomHandle
) -> None:
    from pipecat.frames.frames import OutputAudioRawFrame

    async with transport_bot(daily_room, params={"audio_out_destinations": ["spanish"]}) as bot:
        call = await (await phone_network.phone(CALLER)).dial(await bot.event("on_dialin_ready"))
        await bot.event("on_participant_joined")
        client = await fake_daily.join(daily_room)
        shown = client.participants[bot.transport.participants()["local"]["id"]]
        assert shown["tracks"]["spanish"]["state"] == "playable"
        pcm = (tone(BOT_HZ, 1, rate=16000) * 32767).astype("<i2").tobytes()
        frame = OutputAudioRawFrame(pcm, 16000, 1)
        frame.transport_destination = "spanish"
        await bot.worker.queue_frame(frame)
        await call.expect_tone(BOT_HZ)
        await call.hang_up()
