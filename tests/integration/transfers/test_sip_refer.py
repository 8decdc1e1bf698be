"""sipRefer over real SIP: phones that follow a REFER, refuse it, or do not support it; and the NOTIFYs that follow."""

from __future__ import annotations

import httpx
import pytest

from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from fake_daily_server.values.errors import DailyError
from simulator.network import Network
from tests.event_actions import actions
from tests.integration.transfers.conftest import CALLER, DESK, Meeting, meet

LEFT = ["participant-left", "dialin-stopped"]


async def test_after_a_followed_refer_daily_takes_no_part_in_the_call(
    fake_daily: FakeDaily, phone_network: Network
) -> None:
    meeting = await meet(fake_daily, refers="follow")
    desk = await phone_network.phone(DESK)
    await meeting.bot.sip_refer({"sessionId": meeting.session_id, "toEndPoint": desk.uri})
    left, stopped = await meeting.bot.wait_for(LEFT)
    assert left["participant"]["session_id"] == stopped["sessionId"] == meeting.session_id
    talking = await desk.wait_for_call()
    ended = await meeting.call.wait_for_end()
    assert (ended.status, ended.by) == (200, "remote"), "Daily hangs up once the phone has reached the target"
    onward = meeting.phone.calls[-1]
    assert onward is not meeting.call
    await onward.wait_answered()
    await onward.hum(440)
    await talking.expect_tone(440)
    assert fake_daily.gateway.calls == []
    await onward.hang_up()
    await talking.wait_for_end()
    assert meeting.steps() == ["triggered", "initiated"]
    assert not [action for action in actions(meeting.bot.events) if action.startswith("dialout-")]
    records = fake_daily.timeline.records(kind="transfer")
    assert all(record.fields["is_sip_refer"] for record in records)


async def test_the_header_part_of_the_target_is_in_refer_to_and_in_the_invite_of_the_peer(
    fake_daily: FakeDaily, phone_network: Network
) -> None:
    meeting = await meet(fake_daily, refers="follow")
    desk = await phone_network.phone(DESK)
    target = f"{desk.uri}?X-Id=1&X-Phone=%2B1206"
    await meeting.bot.sip_refer({"sessionId": meeting.session_id, "toEndPoint": target})
    call = await desk.wait_for_call()
    assert {name: value for name, value in call.headers.items() if name.startswith("X-")} == {
        "X-Id": "1",
        "X-Phone": "+1206",
    }
    assert {record.fields["to"] for record in fake_daily.timeline.records(kind="transfer")} == {target}
    await meeting.call.wait_for_end()


async def test_the_header_part_of_the_target_of_a_bridged_transfer_is_in_the_invite(
    fake_daily: FakeDaily, phone_network: Network
) -> None:
    meeting = await meet(fake_daily)
    desk = await phone_network.phone(uri="sip:a?b@example.com")
    target = "sip:a?b@example.com?X-Id=1"
    await meeting.bot.sip_call_transfer({"sessionId": meeting.session_id, "toEndPoint": target})
    call = await desk.wait_for_call()
    assert call.headers["X-Id"] == "1"
    await meeting.bridged()
    await call.hang_up()
    await meeting.call.wait_for_end()


async def test_a_dialled_call_that_is_referred_ends_with_dialout_stopped(
    fake_daily: FakeDaily, phone_network: Network
) -> None:
    bot = await fake_daily.join(await fake_daily.create_room(enable_dialout=True))
    phone = await phone_network.phone(CALLER, refers="follow")
    desk = await phone_network.phone(DESK)
    session_id = await bot.start_dialout({"phoneNumber": CALLER})
    await bot.wait_for("dialout-answered")
    await bot.sip_refer({"sessionId": session_id, "toEndPoint": desk.uri})
    await bot.wait_for(["participant-left", "dialout-stopped"])
    await (await desk.wait_for_call()).wait_answered()
    assert (await phone.calls[0].wait_for_end()).by == "remote"
    stopped = [event for event in bot.events if event["action"].endswith("-stopped")]
    assert [(event["action"], event["sessionId"]) for event in stopped] == [("dialout-stopped", session_id)]


async def test_a_refer_to_another_room(fake_daily: FakeDaily) -> None:
    meeting = await meet(fake_daily, refers="follow")
    other = await fake_daily.create_room(sip={"display_name": "sent over"})
    agent = await fake_daily.join(other)
    await agent.wait_for("dialin-ready")
    twice = f"sip:{other.sip_uris[0]}"
    await meeting.bot.sip_refer({"sessionId": meeting.session_id, "toEndPoint": twice})
    await agent.wait_for(["dialin-connected", "participant-joined"])
    await meeting.call.wait_for_end()
    await meeting.phone.calls[-1].hang_up()
    await agent.wait_for(["participant-left", "dialin-stopped"])


@pytest.mark.parametrize(("refers", "status"), [("refuse", 603), ("cannot", 501)])
async def test_a_phone_that_refuses_the_refer_stays_in_the_room(
    fake_daily: FakeDaily, refers: str, status: int
) -> None:
    meeting = await meet(fake_daily, refers=refers)
    with pytest.raises(DailyError) as refused:
        await meeting.bot.sip_refer({"sessionId": meeting.session_id, "toEndPoint": "sip:desk@127.0.0.1"})
    assert refused.value.status == 400
    assert str(status) in refused.value.info
    assert meeting.steps() == ["triggered"]
    await meeting.call.press("1")
    await meeting.bot.wait_for("dtmf-event", where={"tone": "1"})
    assert meeting.session_id in meeting.bot.participants
    await meeting.call.hang_up()
    await meeting.bot.wait_for(LEFT)


async def test_a_busy_target_ends_the_call_of_the_caller(fake_daily: FakeDaily, phone_network: Network) -> None:
    meeting = await meet(fake_daily, refers="follow")
    desk = await phone_network.phone(DESK, calls="busy")
    await meeting.bot.sip_refer({"sessionId": meeting.session_id, "toEndPoint": desk.uri})
    await meeting.bot.wait_for(LEFT)
    assert (await meeting.call.wait_for_end()).by == "remote"
    assert meeting.steps() == ["triggered", "initiated"]


async def test_a_caller_can_return_when_the_target_is_busy() -> None:
    async with FakeDaily(Settings(port=0, sip_port=0, failed_transfer="return")) as daily:
        meeting = await meet(daily, refers="follow")
        desk = await daily.network.phone(DESK, calls="busy")
        await meeting.bot.sip_refer({"sessionId": meeting.session_id, "toEndPoint": desk.uri})
        await meeting.bot.wait_for(LEFT)
        back, _ = await meeting.bot.wait_for(["dialin-connected", "participant-joined"])
        assert back["sipCallId"] == meeting.call.sip_call_id
        await meeting.call.hang_up()
        await meeting.bot.wait_for(LEFT)


async def test_only_reachable_sip_uris_are_accepted(meeting: Meeting) -> None:
    for target, cause in ((DESK, "sip:"), ("sip:bob@elsewhere.example.com", "allow_hosts")):
        with pytest.raises(DailyError) as refused:
            await meeting.bot.sip_refer({"sessionId": meeting.session_id, "toEndPoint": target})
        assert refused.value.status == 400
        assert cause in refused.value.info
    assert meeting.steps() == []


async def test_a_transfer_over_rest(fake_daily: FakeDaily, phone_network: Network) -> None:
    meeting = await meet(fake_daily, refers="follow")
    desk = await phone_network.phone(DESK)
    headers = {"Authorization": f"Bearer {fake_daily.api_key}"}
    async with httpx.AsyncClient(base_url=fake_daily.api_url, headers=headers, trust_env=False) as api:
        path = f"/rooms/{meeting.room.name}/sipRefer"
        answer = await api.post(path, json={"sessionId": meeting.session_id, "toEndPoint": desk.uri})
        assert (answer.status_code, answer.json()) == (200, {"ok": True})
    await (await desk.wait_for_call()).hang_up()
