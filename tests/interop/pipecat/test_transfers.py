"""Pipecat bots that hand their caller on: cold to an operator, by REFER, warm with hold music and a briefing."""

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
from tests.interop.pipecat.making import Bots, make, of_calls, said

pytestmark = pytest.mark.interop("pipecat")

DESK = "+12065550142"
WANTS_SOMEBODY_HZ, BOT_HZ, MUSIC_HZ = 520, 660, 900


@pytest.fixture
async def pinless(fake_daily: FakeDaily) -> AsyncIterator[Pinless]:
    async with pinless_domain(fake_daily) as domain:
        yield domain


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """Hold music, at the rate of the bots."""
    return write_wav(tmp_path / "hold.wav", tone(MUSIC_HZ, 1, rate=8000), 8000)


async def greeted(
    bot: str, fake_daily: FakeDaily, pinless: Pinless, bots: Bots, **body: str
) -> tuple[PhoneCall, RoomHandle]:
    """A caller on hold, brought to a bot that has greeted them."""
    call = await (await fake_daily.network.phone(CALLER)).dial(NUMBER)
    asked = await pinless.asked()
    room = await fake_daily.create_room("support", sip={"display_name": "caller"}, enable_dialout=True)
    bots.start(bot, room, {**asked.body, **body})
    await call.expect_tones([BOT_HZ])
    await call.expect_silence(0.3)
    return call, room


OLD_NAMES = pytest.mark.filterwarnings("ignore:.* is deprecated since 1.3.0:DeprecationWarning")
"""The cold transfer uses the names that Pipecat's examples still have."""


@OLD_NAMES
async def test_cold_transfer(fake_daily: FakeDaily, phone_network: Network, pinless: Pinless, bots: Bots) -> None:
    desk = await phone_network.phone(DESK, calls=[{"ring_ms": 100, "then": "answer"}])
    call, room = await greeted("cold_transfer", fake_daily, pinless, bots, operator=DESK)
    await call.hum(WANTS_SOMEBODY_HZ, seconds=0.6)
    talking = await desk.wait_for_call()
    await talking.wait_answered()
    await bots.end()
    await call.hum(440)
    await talking.expect_tone(440)
    await talking.hum(600)
    await call.expect_tone(600)
    assert call.state == talking.state == "answered", "they talk on without the bot"
    await talking.hang_up()
    await call.wait_for_end()
    await said(fake_daily, room, "dialout-stopped")
    assert of_calls(fake_daily, room) == [
        "dialin-ready",
        "dialin-connected",
        "participant-joined",
        "participant-left",
        "dialin-stopped",
        "dialout-connected",
        "dialout-answered",
        "dialout-stopped",
    ], "the last when the bot has left"


@OLD_NAMES
async def test_cold_transfer_to_nobody(
    fake_daily: FakeDaily, phone_network: Network, pinless: Pinless, bots: Bots
) -> None:
    await phone_network.phone(DESK, calls="busy")
    call, room = await greeted("cold_transfer", fake_daily, pinless, bots, operator=DESK)
    await call.hum(WANTS_SOMEBODY_HZ, seconds=0.6)
    await bots.end()
    assert (await call.wait_for_end()).by == "remote"
    assert of_calls(fake_daily, room)[-1] == "dialout-error"


@OLD_NAMES
async def test_the_caller_gives_up_while_the_operator_is_called(
    fake_daily: FakeDaily, phone_network: Network, pinless: Pinless, bots: Bots
) -> None:
    desk = await phone_network.phone(DESK, calls="no_answer")
    call, room = await greeted("cold_transfer", fake_daily, pinless, bots, operator=DESK)
    await call.hum(WANTS_SOMEBODY_HZ, seconds=0.6)
    ringing = await desk.wait_for_call()
    await call.hang_up()
    assert (await ringing.wait_for_end()).status == 487
    await said(fake_daily, room, "dialout-stopped")
    assert bots.still_run, "one that waits for the answer is left waiting, as with Daily"


async def test_refer_is_followed(phone_network: Network, daily_room: RoomHandle) -> None:
    desk = await phone_network.phone(DESK)
    async with make(daily_room) as bot:
        endpoint = await bot.event("on_dialin_ready")
        await (await phone_network.phone(CALLER, refers="follow")).dial(endpoint)
        await bot.event("on_participant_joined")
        assert await bot.transport.sip_refer({"toEndPoint": desk.uri}) is None
        await bot.event("on_dialin_stopped")
        await (await desk.wait_for_call()).hang_up()


async def test_refer_is_refused(phone_network: Network, daily_room: RoomHandle) -> None:
    async with make(daily_room) as bot:
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


async def test_a_transfer_frame_waits_until_all_was_said(phone_network: Network, daily_room: RoomHandle) -> None:
    from pipecat.frames.frames import TTSSpeakFrame
    from pipecat.transports.daily.transport import DailySIPTransferFrame

    from tests.interop.pipecat.services import ToneTextToSpeech

    desk = await phone_network.phone(DESK)
    async with make(daily_room, processors=[ToneTextToSpeech(BOT_HZ)]) as bot:
        endpoint = await bot.event("on_dialin_ready")
        call = await (await phone_network.phone(CALLER)).dial(endpoint)
        await bot.event("on_participant_joined")
        await call.listen()
        began = asyncio.get_running_loop().time()
        said = TTSSpeakFrame("ten words take two seconds when a tone says them")
        await bot.worker.queue_frames([said, DailySIPTransferFrame(settings={"toEndPoint": DESK})])
        await call.expect_tone(BOT_HZ)
        await desk.wait_for_call()
        assert asyncio.get_running_loop().time() - began > 1.9, "it was all said"
        await bot.event("on_dialout_answered")
        await call.hang_up()


async def test_warm_transfer(
    fake_daily: FakeDaily, phone_network: Network, pinless: Pinless, bots: Bots, music: Path
) -> None:
    desk = await phone_network.phone(DESK, calls="wait")
    call, _ = await greeted("warm_transfer", fake_daily, pinless, bots, agent=DESK, hold_music=str(music))
    await call.hum(WANTS_SOMEBODY_HZ, seconds=0.6)
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


async def test_warm_transfer_to_an_agent_who_does_not_come(
    fake_daily: FakeDaily, phone_network: Network, pinless: Pinless, bots: Bots, music: Path
) -> None:
    desk = await phone_network.phone(DESK, calls="wait")
    call, _ = await greeted("warm_transfer", fake_daily, pinless, bots, agent=DESK, hold_music=str(music))
    await call.hum(WANTS_SOMEBODY_HZ, seconds=0.6)
    agent = await desk.wait_for_call()
    await call.expect_tone(MUSIC_HZ)
    await agent.reject(603)
    await call.expect_tone(BOT_HZ)
    await call.hang_up()
    await bots.end()


async def test_the_caller_hangs_up_during_the_music(
    fake_daily: FakeDaily, phone_network: Network, pinless: Pinless, bots: Bots, music: Path
) -> None:
    desk = await phone_network.phone(DESK, calls="no_answer")
    call, _ = await greeted("warm_transfer", fake_daily, pinless, bots, agent=DESK, hold_music=str(music))
    await call.hum(WANTS_SOMEBODY_HZ, seconds=0.6)
    ringing = await desk.wait_for_call()
    await call.expect_tone(MUSIC_HZ)
    await call.hang_up()
    await bots.end()
    assert (await ringing.wait_for_end()).status == 487, "nobody is left to talk to"
