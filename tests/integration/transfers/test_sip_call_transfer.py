"""sipCallTransfer over real SIP: to a number, to a SIP URI, to another room; with the audio of both calls bridged."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from fake_daily_server.values.errors import DailyError
from fake_daily_server.values.ids import number_id
from simulator.network import Network
from tests.event_actions import actions
from tests.integration.transfers.conftest import CALLER, DESK, Meeting, meet

LEFT = ["participant-left", "dialin-stopped"]


def telephony(client: Client) -> list[str]:
    """The events about calls and participants, in order, without codec warnings."""
    wanted = ("dialin-", "dialout-", "participant-joined", "participant-left")
    return [action for action in actions(client.events) if action.startswith(wanted) and action != "dialin-warning"]


async def test_transfer_to_a_number_keeps_both_calls_up_and_bridges_their_audio(
    phone_network: Network, meeting: Meeting
) -> None:
    desk = await phone_network.phone(DESK, calls=[{"ring_ms": 150, "then": "answer"}])
    await meeting.bot.sip_call_transfer({"sessionId": meeting.session_id, "toEndPoint": DESK})
    left, stopped = await meeting.bot.wait_for(LEFT)
    assert left["participant"]["session_id"] == stopped["sessionId"] == meeting.session_id
    connected = await meeting.bot.wait_for("dialout-connected")
    assert meeting.steps() == ["triggered", "initiated"]
    answered = await meeting.bot.wait_for("dialout-answered")
    assert connected["sessionId"] == answered["sessionId"] != meeting.session_id
    assert answered["destination"] == DESK
    await meeting.bridged()
    assert meeting.steps() == ["triggered", "initiated", "answered"]

    talking = await desk.wait_for_call()
    assert meeting.call.state == talking.state == "answered"
    await meeting.call.hum(440)
    await talking.expect_tone(440)
    await talking.hum(600)
    await meeting.call.expect_tone(600)
    await meeting.call.press("12#")
    await talking.wait_for_digits("12#")
    await talking.press("9")
    await meeting.call.wait_for_digits("9")
    assert "dtmf-event" not in actions(meeting.bot.events), "digits of a transferred call are not published in the room"

    await talking.hang_up()
    ended = await meeting.call.wait_for_end()
    assert (ended.status, ended.by) == (200, "remote")
    await meeting.bot.wait_for("dialout-stopped")
    await meeting.came_to("completed")
    assert meeting.steps() == ["triggered", "initiated", "answered", "completed"]
    assert telephony(meeting.bot) == [
        "dialin-ready",
        "dialin-connected",
        "participant-joined",
        *LEFT,
        "dialout-connected",
        "dialout-answered",
        "dialout-stopped",
    ]


async def test_when_the_caller_hangs_up_the_target_is_hung_up(phone_network: Network, meeting: Meeting) -> None:
    desk = await phone_network.phone(DESK)
    await meeting.bot.sip_call_transfer({"sessionId": meeting.session_id, "toEndPoint": DESK})
    talking = await desk.wait_for_call()
    await talking.wait_answered()
    await meeting.came_to("answered")
    await meeting.call.hang_up()
    assert (await talking.wait_for_end()).by == "remote"
    await meeting.bot.wait_for("dialout-stopped")
    await meeting.came_to("completed")


async def test_the_call_goes_on_when_the_meeting_in_its_old_room_ends(phone_network: Network, meeting: Meeting) -> None:
    desk = await phone_network.phone(DESK)
    await meeting.bot.sip_call_transfer({"sessionId": meeting.session_id, "toEndPoint": DESK})
    await meeting.bridged()
    await meeting.bot.leave()
    talking = await desk.wait_for_call()
    await meeting.call.hum(440)
    await talking.expect_tone(440)
    await meeting.call.hang_up()
    await talking.wait_for_end()


async def test_a_server_that_ends_while_calls_are_bridged_leaves_no_task() -> None:
    async with FakeDaily(Settings(port=0, sip_port=0)) as daily:
        meeting = await meet(daily)
        desk = await daily.network.phone(DESK)
        await meeting.bot.sip_call_transfer({"sessionId": meeting.session_id, "toEndPoint": DESK})
        await (await desk.wait_for_call()).wait_answered()
        await meeting.came_to("answered")
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.parametrize("spelling", ["{uri}", "sip:{uri}"])
async def test_transfer_to_another_room(fake_daily: FakeDaily, meeting: Meeting, spelling: str) -> None:
    other = await fake_daily.create_room(sip={"display_name": "sent over"})
    agent = await fake_daily.join(other)
    await agent.wait_for("dialin-ready")
    target = spelling.format(uri=other.sip_uris[0])
    await meeting.bot.sip_call_transfer({"sessionId": meeting.session_id, "toEndPoint": target})
    await meeting.bot.wait_for(LEFT)
    connected, joined = await agent.wait_for(["dialin-connected", "participant-joined"])
    assert joined["participant"]["user_name"] == "sent over"
    await meeting.bridged()
    await meeting.call.press("5")
    await agent.wait_for("dtmf-event", where={"tone": "5", "sessionId": connected["sessionId"]})
    await agent.eject(connected["sessionId"])
    await agent.wait_for(["participant-left", "dialin-stopped"])
    assert (await meeting.call.wait_for_end()).by == "remote"
    await meeting.came_to("completed")


async def test_transfer_to_an_external_sip_uri(phone_network: Network, meeting: Meeting) -> None:
    desk = await phone_network.phone(uri="sip:support@pbx.example.com")
    target = "sip:support@pbx.example.com?X-Ticket=77"
    await meeting.bot.sip_call_transfer({"sessionId": meeting.session_id, "toEndPoint": target})
    talking = await desk.wait_for_call()
    assert talking.headers["X-Ticket"] == "77"
    await meeting.bot.wait_for("dialout-answered", where={"destination": target})
    await talking.hang_up()
    await meeting.call.wait_for_end()


@pytest.mark.parametrize("caller_id", ["+14155550101", number_id("+14155550101")])
async def test_transfer_to_a_number_with_caller_id_and_extension(
    phone_network: Network, meeting: Meeting, caller_id: str
) -> None:
    desk = await phone_network.phone(DESK)
    settings = {"toEndPoint": DESK, "callerId": caller_id, "extension": "204#", "waitBeforeExtensionDialSec": 0}
    await meeting.bot.sip_call_transfer({"sessionId": meeting.session_id, **settings})
    talking = await desk.wait_for_call()
    assert talking.remote == "sip:+14155550101@127.0.0.1"
    await talking.wait_for_digits("204#")
    await talking.hang_up()
    await meeting.call.wait_for_end()


async def test_a_dialled_call_can_be_transferred(fake_daily: FakeDaily, phone_network: Network) -> None:
    first, desk = await phone_network.phone(CALLER), await phone_network.phone(DESK)
    room = await fake_daily.create_room(enable_dialout=True)
    bot = await fake_daily.join(room)
    session_id = await bot.start_dialout({"phoneNumber": CALLER})
    await bot.wait_for(["dialout-answered"])
    await bot.sip_call_transfer({"sessionId": session_id, "toEndPoint": DESK})
    await bot.wait_for(["participant-left", "dialout-stopped"], where=None)
    answered = await bot.wait_for("dialout-answered", where={"destination": DESK})
    assert answered["sessionId"] != session_id
    talking, moved = await desk.wait_for_call(), await first.wait_for_call()
    await moved.hum(500)
    await talking.expect_tone(500)
    await moved.hang_up()
    await talking.wait_for_end()


@pytest.mark.parametrize(
    ("calls", "status", "event"),
    [("busy", 486, "dialout-error"), ("decline", 603, "dialout-error"), ([{"status": 503}], 503, "dialout-error")],
)
async def test_a_target_that_refuses_ends_the_call_of_the_caller(
    phone_network: Network, meeting: Meeting, calls: Any, status: int, event: str
) -> None:
    await phone_network.phone(DESK, calls=calls)
    await meeting.bot.sip_call_transfer({"sessionId": meeting.session_id, "toEndPoint": DESK})
    failed = await meeting.bot.wait_for(event)
    assert str(status) in failed["errorMsg"]
    assert (await meeting.call.wait_for_end()).by == "remote"
    assert meeting.steps() == ["triggered", "initiated"]


async def test_an_unallocated_target_is_an_error(meeting: Meeting) -> None:
    await meeting.bot.sip_call_transfer({"sessionId": meeting.session_id, "toEndPoint": "+12065550177"})
    assert "404" in (await meeting.bot.wait_for("dialout-error"))["errorMsg"]
    await meeting.call.wait_for_end()


async def test_a_caller_hangs_up_while_the_target_rings(phone_network: Network, meeting: Meeting) -> None:
    desk = await phone_network.phone(DESK, calls="no_answer")
    await meeting.bot.sip_call_transfer({"sessionId": meeting.session_id, "toEndPoint": DESK})
    await meeting.bot.wait_for("dialout-connected")
    ringing = await desk.wait_for_call()
    await meeting.call.hang_up()
    assert (await ringing.wait_for_end()).status == 487
    await meeting.bot.wait_for("dialout-stopped")
    assert meeting.steps() == ["triggered", "initiated"]


async def test_a_caller_can_return_when_the_target_does_not_answer() -> None:
    async with FakeDaily(Settings(port=0, sip_port=0, failed_transfer="return")) as daily:
        meeting = await meet(daily)
        await daily.network.phone(DESK, calls="busy")
        await meeting.bot.sip_call_transfer({"sessionId": meeting.session_id, "toEndPoint": DESK})
        await meeting.bot.wait_for([*LEFT, "dialout-error"])
        back, joined = await meeting.bot.wait_for(["dialin-connected", "participant-joined"])
        assert back["sessionId"] == joined["participant"]["session_id"] != meeting.session_id
        assert back["sipCallId"] == meeting.call.sip_call_id
        await meeting.call.press("3")
        await meeting.bot.wait_for("dtmf-event", where={"tone": "3", "sessionId": back["sessionId"]})
        await meeting.call.hang_up()
        await meeting.bot.wait_for(LEFT, where=None)


async def test_a_caller_can_stay_in_the_room_until_the_target_answers() -> None:
    async with FakeDaily(Settings(port=0, sip_port=0, transfer_leaves_room="answered")) as daily:
        meeting = await meet(daily)
        desk = await daily.network.phone(DESK, calls=["busy", {"ring_ms": 150, "then": "answer"}])
        await meeting.bot.sip_call_transfer({"sessionId": meeting.session_id, "toEndPoint": DESK})
        await meeting.bot.wait_for("dialout-error")
        assert meeting.session_id in meeting.bot.participants
        await meeting.call.press("3")
        await meeting.bot.wait_for("dtmf-event", where={"tone": "3", "sessionId": meeting.session_id})

        await desk.wait_for_call()
        await meeting.bot.sip_call_transfer({"sessionId": meeting.session_id, "toEndPoint": DESK})
        await meeting.bot.wait_for(["dialout-connected", "dialout-answered", *LEFT])
        await meeting.bridged()
        talking = await desk.wait_for_call()
        await meeting.call.press("4")
        await talking.wait_for_digits("4")
        await talking.hang_up()
        await meeting.call.wait_for_end()
        assert meeting.steps()[-3:] == ["initiated", "answered", "completed"]


async def test_events_of_the_target_can_be_switched_off() -> None:
    async with FakeDaily(Settings(port=0, sip_port=0, transfer_events="none")) as daily:
        meeting = await meet(daily)
        desk = await daily.network.phone(DESK)
        await meeting.bot.sip_call_transfer({"sessionId": meeting.session_id, "toEndPoint": DESK})
        await meeting.came_to("answered")
        await (await desk.wait_for_call()).hang_up()
        await meeting.came_to("completed")
        await meeting.bot.wait_for(LEFT)
        assert not [action for action in telephony(meeting.bot) if action.startswith("dialout-")]


@pytest.mark.parametrize(
    ("settings", "status", "cause"),
    [
        ({"sessionId": "nobody", "toEndPoint": DESK}, 404, "no telephony session"),
        ({"toEndPoint": "tel:+12065550142"}, 400, "sip: or +"),
        ({"toEndPoint": "sip:bob@elsewhere.example.com"}, 400, "allow_hosts"),
        ({"toEndPoint": DESK, "callerId": "+14155550199"}, 400, "not a number of this domain"),
        ({"to_end_point": DESK}, 400, "did you mean 'toEndPoint'?"),
        ({"toEndPoint": DESK, "extension": "1" * 21}, 400, "extension"),
        ({"toEndPoint": DESK, "extension": "1", "waitBeforeExtensionDialSec": 61}, 400, "60"),
        ({}, 400, "toEndPoint is required"),
    ],
)
async def test_a_refused_transfer_leaves_the_caller_in_the_room(
    meeting: Meeting, settings: dict[str, Any], status: int, cause: str
) -> None:
    with pytest.raises(DailyError) as refused:
        await meeting.bot.sip_call_transfer({"sessionId": meeting.session_id, **settings})
    assert refused.value.status == status
    assert cause in refused.value.info
    assert meeting.steps() == []
    assert meeting.session_id in meeting.bot.participants
    await meeting.call.press("1")
    await meeting.bot.wait_for("dtmf-event", where={"tone": "1"})


async def test_only_owners_may_transfer(fake_daily: FakeDaily, meeting: Meeting) -> None:
    guest = await fake_daily.join(meeting.room, owner=False)
    for verb in (guest.sip_call_transfer, guest.sip_refer):
        with pytest.raises(DailyError, match="not allowed"):
            await verb({"sessionId": meeting.session_id, "toEndPoint": "sip:bob@127.0.0.1"})


async def test_a_ringing_call_cannot_be_transferred(phone_network: Network, meeting: Meeting) -> None:
    await phone_network.phone(DESK, calls="no_answer")
    ringing = await meeting.bot.start_dialout({"phoneNumber": DESK})
    await meeting.bot.wait_for("dialout-connected")
    with pytest.raises(DailyError, match="only an answered call can be transferred"):
        await meeting.bot.sip_call_transfer({"sessionId": ringing, "toEndPoint": DESK})
    await meeting.bot.stop_dialout(ringing)


async def test_a_transfer_over_rest(fake_daily: FakeDaily, phone_network: Network, meeting: Meeting) -> None:
    desk = await phone_network.phone(DESK)
    headers = {"Authorization": f"Bearer {fake_daily.api_key}"}
    async with httpx.AsyncClient(base_url=fake_daily.api_url, headers=headers, trust_env=False) as api:
        path = f"/rooms/{meeting.room.name}/sipCallTransfer"
        answer = await api.post(path, json={"sessionId": meeting.session_id, "toEndPoint": DESK})
        assert (answer.status_code, answer.json()) == (200, {"ok": True})
        again = await api.post(path, json={"sessionId": meeting.session_id, "toEndPoint": DESK})
        assert (again.status_code, again.json()["error"]) == (404, "not-found")
    await (await desk.wait_for_call()).hang_up()
    await meeting.call.wait_for_end()


async def test_a_reset_hangs_up_both_calls(fake_daily: FakeDaily, phone_network: Network, meeting: Meeting) -> None:
    desk = await phone_network.phone(DESK)
    await meeting.bot.sip_call_transfer({"sessionId": meeting.session_id, "toEndPoint": DESK})
    talking = await desk.wait_for_call()
    await meeting.came_to("answered")
    await fake_daily.reset()
    await talking.wait_for_end()
    await meeting.call.wait_for_end()
