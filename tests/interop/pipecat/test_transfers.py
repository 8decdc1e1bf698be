"""Pipecat bots that transfer their caller: cold, by REFER, and warm with hold music and a briefing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.audio.tones import tone
from simulator.audio.wav import write_wav
from simulator.network import Network
from simulator.phone_call import PhoneCall
from tests.integration.pstn.conftest import CALLER, NUMBER, Pinless, pinless_domain
from tests.interop.pipecat.bot_runs import Bots, call_events, room_event, transport_bot

pytestmark = pytest.mark.interop("pipecat")

DESK = "+12065550142"
TRANSFER_REQUEST_HZ, BOT_HZ, MUSIC_HZ = 520, 660, 900


@pytest.fixture
async def pinless(fake_daily: FakeDaily) -> AsyncIterator[Pinless]:
    async with pinless_domain(fake_daily) as domain:
        yield domain


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """A WAV file with hold music, at the rate of the bots."""
    return write_wav(tmp_path / "hold.wav", tone(MUSIC_HZ, 1, rate=8000), 8000)


async def greeted_call(
    bot: str, fake_daily: FakeDaily, pinless: Pinless, bots: Bots, **body: str
) -> tuple[PhoneCall, RoomHandle]:
    """Call the number, start a bot for the held caller, and wait for its greeting."""
    call = await (await fake_daily.network.phone(CALLER)).dial(NUMBER)
    asked = await pinless.asked()
    room = await fake_daily.create_room("support", sip={"display_name": "caller"}, enable_dialout=True)
    bots.start(bot, room, {**asked.body, **body})
    await call.expect_tones([BOT_HZ])
    await call.expect_silence(0.3)
    return call, room


OLD_NAMES = pytest.mark.filterwarnings("ignore:.* is deprecated since 1.3.0:DeprecationWarning")
"""The cold transfer bot uses deprecated names, as Pipecat's examples still do."""


@OLD_NAMES
async def test_cold_transfer(fake_daily: FakeDaily, phone_network: Network, pinless: Pinless, bots: Bots) -> None:
    desk = await phone_network.phone(DESK, calls=[{"ring_ms": 100, "then": "answer"}])
    call, room = await greeted_call("cold_transfer", fake_daily, pinless, bots, operator=DESK)
    await call.hum(TRANSFER_REQUEST_HZ, seconds=0.6)
    talking = await desk.wait_for_call()
    await talking.wait_answered()
    await bots.end()
    await call.hum(440)
    await talking.expect_tone(440)
    await talking.hum(600)
    await call.expect_tone(600)
    assert call.state == talking.state == "answered", "they continue without the bot"
    await talking.hang_up()
    await call.wait_for_end()
    await room_event(fake_daily, room, "dialout-stopped")
    assert call_events(fake_daily, room) == [
        "dialin-ready",
        "dialin-connected",
        "participant-joined",
        "participant-left",
        "dialin-stopped",
        "dialout-connected",
        "dialout-answered",
        "dialout-stopped",
    ], "the last event comes after the bot has left"


@OLD_NAMES
async def test_cold_transfer_to_a_busy_operator(
    fake_daily: FakeDaily, phone_network: Network, pinless: Pinless, bots: Bots
) -> None:
    await phone_network.phone(DESK, calls="busy")
    call, room = await greeted_call("cold_transfer", fake_daily, pinless, bots, operator=DESK)
    await call.hum(TRANSFER_REQUEST_HZ, seconds=0.6)
    await bots.end()
    assert (await call.wait_for_end()).by == "remote"
    assert call_events(fake_daily, room)[-1] == "dialout-error"


@OLD_NAMES
async def test_the_caller_hangs_up_while_the_operator_rings(
    fake_daily: FakeDaily, phone_network: Network, pinless: Pinless, bots: Bots
) -> None:
    desk = await phone_network.phone(DESK, calls="no_answer")
    call, room = await greeted_call("cold_transfer", fake_daily, pinless, bots, operator=DESK)
    await call.hum(TRANSFER_REQUEST_HZ, seconds=0.6)
    ringing = await desk.wait_for_call()
    await call.hang_up()
    assert (await ringing.wait_for_end()).status == 487
    await room_event(fake_daily, room, "dialout-stopped")
    assert bots.all_running, "a bot that waits for the answer keeps waiting, as with Daily"


async def test_sip_refer_that_the_caller_follows(phone_network: Network, daily_room: RoomHandle) -> None:
    desk = await phone_network.phone(DESK)
    async with transport_bot(daily_room) as bot:
        endpoint = await bot.event("on_dialin_ready")
        await (await phone_network.phone(CALLER, refers="follow")).dial(endpoint)
        await bot.event("on_participant_joined")
        assert await bot.transport.sip_refer({"toEndPoint": desk.uri}) is None
        await bot.event("on_dialin_stopped")
        await (await desk.wait_for_call()).hang_up()


async def test_sip_refer_that_the_caller_refuses(phone_network: Network, daily_room: RoomHandle) -> None:
    async with transport_bot(daily_room) as bot:
        endpoint = await bot.event("on_dialin_ready")
        call = await (await phone_network.phone(CALLER, refers="refuse")).dial(endpoint)
        await bot.event("on_participant_joined")
        assert await bot.transport.sip_refer({"toEndPoint": "sip:desk@127.0.0.1"})
        assert call.state == "answered"
        await call.hang_up()
        await bot.event("on_dialin_stopped")
        refused = await bot.transport.sip_refer({"toEndPoint": "sip:desk@127.0.0.1"})
        assert refused == "Can't perform SIP REFER if 'sessionId' is not set"
        refused = await bot.transport.sip_call_transfer({"toEndPoint": DESK})
        assert refused == "Can't transfer SIP call if 'sessionId' is not set"


async def test_a_transfer_frame_waits_for_queued_speech(phone_network: Network, daily_room: RoomHandle) -> None:
    from pipecat.frames.frames import TTSSpeakFrame
    from pipecat.transports.daily.transport import DailySIPTransferFrame

    from tests.interop.pipecat.services import ToneTextToSpeech

    desk = await phone_network.phone(DESK)
    async with transport_bot(daily_room, processors=[ToneTextToSpeech(BOT_HZ)]) as bot:
        endpoint = await bot.event("on_dialin_ready")
        call = await (await phone_network.phone(CALLER)).dial(endpoint)
        await bot.event("on_participant_joined")
        await call.listen()
        began = asyncio.get_running_loop().time()
        speech = TTSSpeakFrame("ten words take two seconds when a tone says them")
        await bot.worker.queue_frames([speech, DailySIPTransferFrame(settings={"toEndPoint": DESK})])
        await call.expect_tone(BOT_HZ)
        await desk.wait_for_call()
        assert asyncio.get_running_loop().time() - began > 1.9, "the whole text was spoken first"
        await bot.event("on_dialout_answered")
        await call.hang_up()


async def test_warm_transfer(
    fake_daily: FakeDaily, phone_network: Network, pinless: Pinless, bots: Bots, music: Path
) -> None:
    desk = await phone_network.phone(DESK, calls="wait")
    call, _ = await greeted_call("warm_transfer", fake_daily, pinless, bots, agent=DESK, hold_music=str(music))
    await call.hum(TRANSFER_REQUEST_HZ, seconds=0.6)
    await call.expect_tone(BOT_HZ)
    agent = await desk.wait_for_call()
    await call.expect_tone(MUSIC_HZ)
    await agent.answer()
    await call.hum(440)
    await agent.expect_tone(BOT_HZ)
    await call.expect_silence(0.2)
    await agent.expect_tone(440)
    await agent.hum(600)
    await call.expect_tone(600)
    await agent.hang_up()
    await bots.end()
    assert (await call.wait_for_end()).by == "remote", "the bot was the last in the room"


async def test_warm_transfer_to_an_agent_who_rejects(
    fake_daily: FakeDaily, phone_network: Network, pinless: Pinless, bots: Bots, music: Path
) -> None:
    desk = await phone_network.phone(DESK, calls="wait")
    call, _ = await greeted_call("warm_transfer", fake_daily, pinless, bots, agent=DESK, hold_music=str(music))
    await call.hum(TRANSFER_REQUEST_HZ, seconds=0.6)
    agent = await desk.wait_for_call()
    await call.expect_tone(MUSIC_HZ)
    await agent.reject(603)
    await call.expect_tone(BOT_HZ)
    await call.hang_up()
    await bots.end()


async def test_the_caller_hangs_up_during_hold_music(
    fake_daily: FakeDaily, phone_network: Network, pinless: Pinless, bots: Bots, music: Path
) -> None:
    desk = await phone_network.phone(DESK, calls="no_answer")
    call, _ = await greeted_call("warm_transfer", fake_daily, pinless, bots, agent=DESK, hold_music=str(music))
    await call.hum(TRANSFER_REQUEST_HZ, seconds=0.6)
    ringing = await desk.wait_for_call()
    await call.expect_tone(MUSIC_HZ)
    await call.hang_up()
    await bots.end()
    assert (await ringing.wait_for_end()).status == 487, "the caller has left"
