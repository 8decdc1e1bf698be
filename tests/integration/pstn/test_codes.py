"""PIN dial-in over real SIP: callers dial the code of a room."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from simulator.network import Network
from simulator.phone_call import PhoneCall
from tests.integration.pstn.conftest import CALLER, NUMBER
from tests.timeline_waits import wait_for_held_caller


async def room_with_code(daily: FakeDaily, **dialin: Any) -> RoomHandle:
    return await daily.create_room(dialin={"display_name": "phone caller", **dialin})


async def answered_call(network: Network, number: str, caller: str = CALLER) -> PhoneCall:
    call = await (await network.phone(caller)).dial(number)
    await call.wait_answered()
    return call


@pytest.mark.parametrize("method", ["telephone-event", "sip-info"])
async def test_a_caller_with_the_right_code_joins_the_live_room(
    fake_daily: FakeDaily, phone_network: Network, method: Any
) -> None:
    room = await room_with_code(fake_daily)
    bot = await fake_daily.join(room)
    call = await answered_call(phone_network, room.config["dialin_number"])
    await call.press(room.config["dialin_code"], method=method, duration_ms=40, gap_ms=20)
    connected, joined = await bot.wait_for(["dialin-connected", "participant-joined"])
    assert connected["sipCallId"] == call.sip_call_id
    assert connected["sipFrom"] == f"sip:{CALLER}@127.0.0.1"
    assert "sipEndpoint" not in connected
    assert joined["participant"]["participantType"] == "pstn-dial-in"
    assert joined["participant"]["user_name"] == "phone caller"
    assert [event["action"] for event in bot.events].count("dtmf-event") == 0, (
        "the digits of the code are not published in the room"
    )
    await call.press("5")
    await bot.wait_for("dtmf-event", where={"tone": "5"})
    await call.hang_up()
    await bot.wait_for(["participant-left", "dialin-stopped"])


async def test_a_caller_with_a_wrong_code_is_hung_up(fake_daily: FakeDaily, phone_network: Network) -> None:
    room = await room_with_code(fake_daily)
    bot = await fake_daily.join(room)
    code = room.config["dialin_code"]
    call = await answered_call(phone_network, room.config["dialin_number"])
    await call.press(code[:-1] + str((int(code[-1]) + 1) % 10), duration_ms=40, gap_ms=20)
    assert (await call.wait_for_end()).by == "remote"
    assert not [event for event in bot.events if event["action"].startswith("dialin")]


async def test_a_caller_hears_music_until_the_meeting_starts(fake_daily: FakeDaily, phone_network: Network) -> None:
    room = await room_with_code(fake_daily, wait_for_meeting_start=True)
    call = await answered_call(phone_network, room.config["dialin_number"])
    await call.press(room.config["dialin_code"], duration_ms=40, gap_ms=20)
    await wait_for_held_caller(fake_daily, "plays hold music")
    bot = await fake_daily.join(room)
    connected, _ = await bot.wait_for(["dialin-connected", "participant-joined"])
    assert connected["sipCallId"] == call.sip_call_id
    await call.hang_up()
    await bot.wait_for("dialin-stopped")


async def test_a_caller_of_an_empty_room_is_hung_up(fake_daily: FakeDaily, phone_network: Network) -> None:
    room = await room_with_code(fake_daily, wait_for_meeting_start=False)
    call = await answered_call(phone_network, room.config["dialin_number"])
    await call.press(room.config["dialin_code"], duration_ms=40, gap_ms=20)
    assert (await call.wait_for_end()).by == "remote"


async def test_a_number_with_pin_dial_in_greets_and_asks_for_codes(
    fake_daily: FakeDaily, phone_network: Network
) -> None:
    headers = {"Authorization": f"Bearer {fake_daily.api_key}"}
    message = "Welcome to Acme. Please dial the eleven digits of your meeting, one after the other."
    wanted = {"type": "pin_dialin", "phone_number": NUMBER, "ivr_greeting": {"message": message}}
    async with httpx.AsyncClient(base_url=fake_daily.api_url, headers=headers, trust_env=False) as api:
        assert (await api.post("/domain-dialin-config", json=wanted)).status_code == 200
    room = await room_with_code(fake_daily)
    bot = await fake_daily.join(room)
    call = await answered_call(phone_network, NUMBER)
    greeting = await wait_for_held_caller(fake_daily, "plays greeting")
    assert greeting.fields["text"] == message
    await call.expect_speech()
    await call.press(room.config["dialin_code"], duration_ms=40, gap_ms=20)
    await bot.wait_for("dialin-connected")
    await call.hang_up()


async def test_a_room_can_name_the_number_at_which_callers_dial_its_code(
    fake_daily: FakeDaily, phone_network: Network
) -> None:
    room = await room_with_code(fake_daily, room_numbers=[{"phone_number": NUMBER}])
    assert room.config["dialin_number"] == NUMBER
    bot = await fake_daily.join(room)
    call = await answered_call(phone_network, NUMBER)
    await call.press(room.config["dialin_code"], duration_ms=40, gap_ms=20)
    await bot.wait_for("dialin-connected")
    await call.hang_up()


async def test_a_caller_who_stops_dialling_is_hung_up() -> None:
    async with FakeDaily(Settings(port=0, sip_port=0, code_key_timeout=0.3)) as daily:
        room = await room_with_code(daily)
        call = await answered_call(daily.network, room.config["dialin_number"])
        await call.press("1")
        assert (await call.wait_for_end()).by == "remote"


async def test_a_caller_counts_towards_the_session_limit_of_the_room() -> None:
    async with FakeDaily(Settings(port=0, sip_port=0, max_sip_pstn_sessions_per_room=1)) as daily:
        room = await room_with_code(daily)
        bot = await daily.join(room)
        first = await answered_call(daily.network, room.config["dialin_number"])
        await first.press(room.config["dialin_code"], duration_ms=40, gap_ms=20)
        await bot.wait_for("dialin-connected")
        second = await answered_call(daily.network, room.config["dialin_number"], "+12065550198")
        await second.press(room.config["dialin_code"], duration_ms=40, gap_ms=20)
        assert (await second.wait_for_end()).by == "remote"
        assert [event["action"] for event in bot.events].count("dialin-connected") == 1
        await first.hang_up()


@pytest.mark.parametrize("end", ["deleted", "expired"])
async def test_a_waiting_caller_is_hung_up_when_the_room_is_gone(
    fake_daily: FakeDaily, phone_network: Network, end: str
) -> None:
    more: dict[str, Any] = {"exp": time.time() + 3} if end == "expired" else {}
    room = await fake_daily.create_room(dialin={"wait_for_meeting_start": True}, **more)
    call = await answered_call(phone_network, room.config["dialin_number"])
    await call.press(room.config["dialin_code"], duration_ms=40, gap_ms=20)
    await wait_for_held_caller(fake_daily, "plays hold music")
    if end == "deleted":
        await fake_daily.owner_loop.run(fake_daily.rooms.delete(room.name))
    assert (await call.wait_for_end(within=8)).by == "remote"
    assert (await wait_for_held_caller(fake_daily, "plays refusal")).fields[
        "text"
    ] == f"the room {'was' if end == 'deleted' else 'has'} {end}"


async def test_the_code_of_an_expired_room_is_not_accepted(fake_daily: FakeDaily, phone_network: Network) -> None:

    room = await fake_daily.create_room(dialin={"wait_for_meeting_start": True}, exp=time.time() + 0.4)
    call = await answered_call(phone_network, room.config["dialin_number"])
    await call.press(room.config["dialin_code"], duration_ms=40, gap_ms=20)
    assert (await call.wait_for_end()).by == "remote"
