"""How long a session lasts, and what happens to its calls when it ends."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from fake_daily_server.values.errors import DailyError
from simulator.network import Network
from simulator.phone_call import PhoneCall
from simulator.timeline import Record
from tests.event_actions import actions

CALLER = "+12065550199"
SIP = {"sip_mode": "dial-in"}


async def dial_in(network: Network, room: RoomHandle) -> PhoneCall:
    """A call that is answered, whose caller is a participant of the room."""
    caller = await network.phone(CALLER)
    after = network.timeline.last_seq
    call = await caller.dial(room.sip_uris[0])
    await call.wait_answered()
    assert await network.timeline.wait(_is_joined_caller, after=after, within=3)
    return call


def _is_joined_caller(record: Record) -> bool:
    event = record.fields["event"] if record.kind == "event" else {}
    return event.get("action") == "participant-joined" and event["participant"].get("participantType") == "sip-dial-in"


async def wait_for_dialin_stopped(daily: FakeDaily) -> None:
    """Wait until dialin-stopped is published, possibly to no client; the phone sees the end of the call before."""
    published = daily.timeline.wait(
        lambda record: record.kind == "event" and record.fields["event"]["action"] == "dialin-stopped", within=3
    )
    assert await daily.owner_loop.run(published) is not None


async def status_of_a_new_caller(network: Network, room: RoomHandle) -> int:
    """The final status of an INVITE from another phone."""
    phone = await network.phone("+12065550198")
    ended = await (await phone.dial(room.sip_uris[0])).wait_for_end()
    return ended.status


async def test_a_call_goes_on_when_the_owner_leaves_and_a_guest_remains(
    fake_daily: FakeDaily, phone_network: Network, daily_room: RoomHandle, daily_client: Client
) -> None:
    guest = await fake_daily.join(daily_room, user_name="guest", owner=False)
    call = await dial_in(phone_network, daily_room)
    await guest.wait_for("participant-joined", where={"participant.participantType": "sip-dial-in"})
    await daily_client.leave()
    await guest.wait_for("participant-left", where={"participant.owner": True})
    await call.press("7")
    await guest.wait_for("dtmf-event", where={"tone": "7"})
    await guest.leave()
    assert (await call.wait_for_end()).by == "remote"


async def test_a_client_that_joins_an_idle_session_finds_its_calls(
    fake_daily: FakeDaily, phone_network: Network
) -> None:
    room = await fake_daily.create_room(sip=SIP, max_idle_timeout_sec=30)
    bot = await fake_daily.join(room)
    call = await dial_in(phone_network, room)
    connected = await bot.wait_for("dialin-connected")
    await bot.leave()
    back = await fake_daily.join(room)
    assert back.meeting_session_id == bot.meeting_session_id
    assert connected["sessionId"] in back.participants
    await call.press("5")
    await back.wait_for("dtmf-event", where={"tone": "5", "sessionId": connected["sessionId"]})
    assert "dialin-ready" not in actions(back.events)


async def test_an_idle_session_accepts_callers(fake_daily: FakeDaily, phone_network: Network) -> None:
    room = await fake_daily.create_room(sip=SIP, max_idle_timeout_sec=30)
    await (await fake_daily.join(room)).leave()
    call = await dial_in(phone_network, room)
    back = await fake_daily.join(room)
    assert {who.get("participantType") for who in back.participants.values()} == {None, "sip-dial-in"}
    assert call.state == "answered"


@pytest.mark.parametrize(
    "properties",
    [{"max_idle_timeout_sec": 30}, {"dialout_config": {"max_idle_timeout_sec": 30}}],
    ids=["room", "dialout"],
)
async def test_an_idle_session_ends_after_its_timeout(
    fake_daily: FakeDaily, phone_network: Network, properties: dict[str, Any]
) -> None:
    room = await fake_daily.create_room(sip=SIP, **properties)
    bot = await fake_daily.join(room)
    call = await dial_in(phone_network, room)
    await bot.leave()
    await fake_daily.advance_clock(29)
    assert [live.name for live in fake_daily.rooms.live_rooms()] == [room.name]
    await fake_daily.advance_clock(2)
    assert (await call.wait_for_end()).by == "remote"
    await wait_for_dialin_stopped(fake_daily)
    assert fake_daily.events(room).actions().count("dialin-stopped") == 1
    assert await status_of_a_new_caller(phone_network, room) == 480
    again = await fake_daily.join(room)
    assert again.meeting_session_id != bot.meeting_session_id


async def test_deleting_a_room_ends_its_idle_session(fake_daily: FakeDaily, phone_network: Network) -> None:
    room = await fake_daily.create_room(sip=SIP, max_idle_timeout_sec=30)
    bot = await fake_daily.join(room)
    call = await dial_in(phone_network, room)
    await bot.leave()
    key = {"Authorization": f"Bearer {fake_daily.api_key}"}
    async with httpx.AsyncClient(trust_env=False, headers=key) as api:
        assert (await api.delete(f"{fake_daily.api_url}/rooms/{room.name}")).status_code == 200
    assert (await call.wait_for_end()).by == "remote"
    assert await status_of_a_new_caller(phone_network, room) == 404


async def test_calls_outlive_the_expiry_of_their_room_and_new_ones_are_refused(
    fake_daily: FakeDaily, phone_network: Network
) -> None:
    room = await fake_daily.create_room(sip={"num_endpoints": 2}, exp=time.time() + 60)
    bot = await fake_daily.join(room)
    call = await dial_in(phone_network, room)
    await bot.wait_for("dialin-connected")
    await fake_daily.advance_clock(61)
    with pytest.raises(DailyError) as refusal:
        await fake_daily.join(room)
    assert refusal.value.status in (403, 404)
    caller = await phone_network.phone("+12065550198")
    assert (await (await caller.dial(room.sip_uris[1])).wait_for_end()).status == 404
    await call.press("1")
    await bot.wait_for("dtmf-event")
    await bot.leave()
    assert (await call.wait_for_end()).by == "remote"


async def test_eject_at_room_exp_ends_the_session_and_its_calls(fake_daily: FakeDaily, phone_network: Network) -> None:
    room = await fake_daily.create_room(sip=SIP, exp=time.time() + 60, eject_at_room_exp=True)
    bot = await fake_daily.join(room)
    call = await dial_in(phone_network, room)
    await bot.wait_for(["dialin-connected", "participant-joined"])
    await fake_daily.advance_clock(61)
    fatal, _ = await bot.wait_for(["error", "left-meeting"])
    assert fatal["error"]["type"] == "exp-room"
    assert (await call.wait_for_end()).by == "remote"
    await wait_for_dialin_stopped(fake_daily)
    assert fake_daily.events(room).actions()[-1] == "dialin-stopped"


async def test_an_ejection_at_token_exp_leaves_others_and_the_call_in_the_room(
    fake_daily: FakeDaily, phone_network: Network, daily_room: RoomHandle, daily_client: Client
) -> None:
    token = daily_room.token(exp=int(time.time()) + 60, eject_at_token_exp=True)
    async with Client(daily_room.url, token=token) as ejected:
        call = await dial_in(phone_network, daily_room)
        await fake_daily.advance_clock(61)
        fatal, _ = await ejected.wait_for(["error", "left-meeting"])
        assert fatal["error"]["type"] == "exp-token"
    assert (await daily_client.participant_counts())["present"] == 2
    assert call.state == "answered"


async def test_ejecting_the_last_client_after_eject_after_elapsed_ends_the_session(
    fake_daily: FakeDaily, phone_network: Network
) -> None:
    room = await fake_daily.create_room(sip=SIP, eject_after_elapsed=60)
    bot = await fake_daily.join(room)
    call = await dial_in(phone_network, room)
    await fake_daily.advance_clock(61)
    await bot.wait_for(["error", "left-meeting"])
    assert (await call.wait_for_end()).by == "remote"


async def test_a_call_is_ejected_over_rest_by_its_session_id(
    fake_daily: FakeDaily, phone_network: Network, daily_room: RoomHandle, daily_client: Client
) -> None:
    call = await dial_in(phone_network, daily_room)
    connected, _ = await daily_client.wait_for(["dialin-connected", "participant-joined"])
    key = {"Authorization": f"Bearer {fake_daily.api_key}"}
    async with httpx.AsyncClient(trust_env=False, headers=key) as api:
        answer = await api.post(
            f"{fake_daily.api_url}/rooms/{daily_room.name}/eject", json={"ids": [connected["sessionId"]]}
        )
    assert answer.json() == {"ejectedIds": [connected["sessionId"]]}
    await daily_client.wait_for(["participant-left", "dialin-stopped"])
    assert (await call.wait_for_end()).by == "remote"


async def test_a_token_of_a_room_handle_follows_the_servers_clock(
    fake_daily: FakeDaily, daily_room: RoomHandle
) -> None:
    await fake_daily.advance_clock(3600)
    with pytest.raises(DailyError, match="in the past"):
        daily_room.token(exp=int(time.time()) + 1800)
    assert await fake_daily.join(daily_room)
