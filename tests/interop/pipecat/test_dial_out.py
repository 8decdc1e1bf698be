"""An unmodified Pipecat dial-out bot, with phones that are busy, refuse, ring, answer and hang up."""

from __future__ import annotations

from typing import Any

import pytest

from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from simulator.network import Network
from tests.interop.pipecat.bot_runs import Bots, call_events
from tests.timeline_waits import wait_for_record

pytestmark = pytest.mark.interop("pipecat")

DESK = "+12065550142"
BODY = {"dialout_settings": {"phone_number": DESK}}


@pytest.fixture
async def room(fake_daily: FakeDaily) -> RoomHandle:
    return await fake_daily.create_room("sales", enable_dialout=True)


async def test_the_bot_retries_a_busy_phone_until_it_answers(
    fake_daily: FakeDaily, phone_network: Network, bots: Bots, room: RoomHandle
) -> None:
    desk = await phone_network.phone(DESK, calls=["busy", "busy", {"ring_ms": 200, "then": "answer"}])
    bots.start("dial_out", room, BODY)
    await desk.wait_for_call()
    await desk.wait_for_call()
    call = await desk.wait_for_call()
    await call.wait_answered()
    await call.hang_up()
    await bots.end()
    assert call_events(fake_daily, room) == [
        "dialout-error",
        "dialout-error",
        "dialout-connected",
        "participant-joined",
        "dialout-answered",
        "participant-left",
        "dialout-stopped",
    ]
    assert len(desk.calls) == 3


async def test_the_bot_gives_up_after_five_attempts(
    fake_daily: FakeDaily, phone_network: Network, bots: Bots, room: RoomHandle
) -> None:
    desk = await phone_network.phone(DESK, calls="busy")
    bots.start("dial_out", room, BODY)
    await bots.end()
    assert call_events(fake_daily, room) == ["dialout-error"] * 5, "the bot gives up"
    assert len(desk.calls) == 5


@pytest.mark.parametrize("end", ["decline", {"status": 503}])
async def test_the_bot_retries_after_any_refusal(
    fake_daily: FakeDaily, phone_network: Network, bots: Bots, room: RoomHandle, end: Any
) -> None:
    desk = await phone_network.phone(DESK, calls=[end, "answer"])
    bots.start("dial_out", room, BODY)
    await desk.wait_for_call()
    call = await desk.wait_for_call()
    await call.wait_answered()
    await call.hang_up()
    await bots.end()
    assert fake_daily.events(room).actions().count("dialout-error") == 1


async def test_a_phone_that_refuses_after_ringing_was_a_participant(
    fake_daily: FakeDaily, phone_network: Network, bots: Bots, room: RoomHandle
) -> None:
    await phone_network.phone(DESK, calls=[{"ring_ms": 100, "then": "busy"}, "no_answer"])
    bots.start("dial_out", room, BODY)
    await bots.end()
    assert call_events(fake_daily, room)[:3] == ["dialout-connected", "participant-joined", "participant-left"]


async def test_with_joins_on_answer_a_phone_that_refuses_after_ringing_was_no_participant(bots: Bots) -> None:
    settings = Settings(port=0, sip_port=0, dialed_participant_joins="answered")
    async with FakeDaily(settings) as daily:
        desk = await daily.network.phone(DESK, calls=[{"ring_ms": 100, "then": "busy"}, "answer"])
        room = await daily.create_room(enable_dialout=True)
        bots.start("dial_out", room, BODY)
        await desk.wait_for_call()
        call = await desk.wait_for_call()
        await call.wait_answered()
        await call.hang_up()
        await bots.end()


async def test_the_bot_greets_and_answers(phone_network: Network, bots: Bots, room: RoomHandle) -> None:
    desk = await phone_network.phone(DESK)
    bots.start("dial_out", room, BODY)
    call = await desk.wait_for_call()
    await call.wait_answered()
    await call.expect_tone(660)
    await call.expect_silence(0.3)
    await call.hum(440, seconds=0.6)
    await call.expect_tone(660)
    await call.hang_up()
    await bots.end()


async def test_a_refused_request_leaves_the_bot_waiting(
    fake_daily: FakeDaily, phone_network: Network, bots: Bots
) -> None:
    await phone_network.phone(DESK)
    room = await fake_daily.create_room("closed")
    onlooker = await fake_daily.join(room)
    bots.start("dial_out", room, BODY)
    await wait_for_record(
        fake_daily, lambda record: record.kind == "client" and record.fields.get("method") == "startDialOut"
    )
    await onlooker.send_app_message("are you still there?")
    assert bots.all_running, "no event reports the refusal, as with Daily"
    assert call_events(fake_daily, room) == []


async def test_stopping_the_bot_cancels_its_call(
    fake_daily: FakeDaily, phone_network: Network, bots: Bots, room: RoomHandle
) -> None:
    desk = await phone_network.phone(DESK, calls="no_answer")
    bots.start("dial_out", room, BODY)
    ringing = await desk.wait_for_call()
    await bots.stop()
    assert (await ringing.wait_for_end()).status == 487
    await fake_daily.wait_until_empty(room)
