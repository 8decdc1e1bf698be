"""Calls to a SIP trunk: the room, the announcement to the customer's server, and what the caller gets."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from fake_daily_server.web.signature import sign
from scenarios.context.customer_server import CustomerServer
from simulator.audio.tones import tone
from simulator.audio.wav import write_wav
from simulator.errors import ExpectationFailed
from simulator.phone_call import PhoneCall
from simulator.timeline import Record
from tests.integration.sip_trunks.conftest import MakeTrunk, Trunk, address, announced
from tests.timeline_waits import wait_for_record

ANN, NUMBER = "+12065550142", "+15550002"


async def dial(daily: FakeDaily, trunk: Trunk, number: str = ANN) -> PhoneCall:
    """Call a trunk from a new phone."""
    return await (await daily.network.phone(number)).dial(address(trunk))


async def wait_for_event(daily: FakeDaily, action: str) -> Record:
    """Wait for the record of the first event with this action, which clients may have got or not."""
    return await wait_for_record(daily, lambda one: one.fields.get("event", {}).get("action") == action)


async def wait_until_deleted(daily: FakeDaily, room: str) -> None:
    """Wait until the room of a call is gone; it is deleted when the caller has been told already."""
    await wait_for_record(daily, lambda one: one.fields.get("action") == "loses its room")
    assert daily.site.rooms.find(room) is None


async def test_a_call_gets_a_room_which_the_customers_server_is_told_of(
    fake_daily: FakeDaily, customer: CustomerServer, make_trunk: MakeTrunk
) -> None:
    template = {"enable_dialout": True, "privacy": "private", "sip": {"display_name": "a caller"}}
    trunk = await make_trunk(
        description="level 1", room_template=template, trunk_config={"is_open": True, "exp_offset": 90}
    )
    ann = await fake_daily.network.phone(ANN)
    before = fake_daily.site.clock()
    call = await ann.dial(address(trunk), headers={"X-Tenant": "acme", "Subject": "hello"})
    (post,) = await announced(customer)
    await call.wait_answered()
    room = fake_daily.site.rooms.get(post.body["room"]["name"])
    assert post.body["room"]["url"] == room.url
    assert post.body["trunk"] == {"id": trunk["id"], "trunk_name": "support", "description": "level 1"}
    headers = {"X-Tenant": "acme"}
    assert post.body["call"] == {"From": ANN, "To": NUMBER, "callId": call.sip_call_id, "sipHeaders": headers}
    assert (room.privacy, room.properties.enable_dialout) == ("private", True)
    assert room.properties.exp is not None
    assert 90 <= room.properties.exp - before < 95
    joined = await wait_for_event(fake_daily, "participant-joined")
    assert joined.fields["event"]["participant"]["user_name"] == "a caller"
    await call.hang_up()


async def test_a_bot_that_joins_before_it_accepts_gets_the_events_in_their_order(
    fake_daily: FakeDaily, customer: CustomerServer, make_trunk: MakeTrunk
) -> None:
    trunk = await make_trunk()
    customer.status = 503  # until the bot has joined
    call = await dial(fake_daily, trunk)
    (post,) = await announced(customer)
    bot = await fake_daily.join(post.body["room"]["name"])
    customer.status = 200
    connected, joined = await bot.wait_for(["dialin-connected", "participant-joined"])
    assert (connected["provider"], connected["sipCallId"]) == ("daily", call.sip_call_id)
    assert joined["participant"]["participantType"] == "sip-dial-in"
    assert joined["participant"]["session_id"] == connected["sessionId"]
    await call.wait_answered()
    await call.press("7")
    await bot.wait_for("dtmf-event", where={"tone": "7"})
    await call.hang_up()
    await bot.wait_for(["participant-left", "dialin-stopped"])
    assert [event["action"] for event in bot.events].count("dialin-connected") == 1


async def test_a_bot_that_joins_later_is_told_of_the_caller_who_hears_music_until_then(
    tmp_path: Path, fake_daily: FakeDaily, customer: CustomerServer, make_trunk: MakeTrunk
) -> None:
    music = write_wav(tmp_path / "music.wav", tone(440, 2), 16000)
    await fake_daily.reset(hold_music=music)
    call = await dial(fake_daily, await make_trunk())
    (post,) = await announced(customer)
    await call.wait_answered()
    await call.expect_tones([440])
    bot = await fake_daily.join(post.body["room"]["name"])
    connected = await bot.wait_for("dialin-connected")
    assert connected["sessionId"] in bot.participants
    await bot.set_audio("mix")
    await bot.hum(600)
    await call.expect_tones([600])
    await bot.leave()
    assert (await call.wait_for_end()).by == "remote"


async def test_a_caller_who_stays_alone_is_hung_up_on(
    fake_daily: FakeDaily, customer: CustomerServer, make_trunk: MakeTrunk
) -> None:
    call = await dial(fake_daily, await make_trunk())
    await call.wait_answered()
    await fake_daily.advance_clock(59)
    assert call.state == "answered"
    await fake_daily.advance_clock(1)
    assert (await call.wait_for_end()).by == "remote"


async def test_a_template_can_have_no_music_and_another_idle_limit(
    fake_daily: FakeDaily, customer: CustomerServer, make_trunk: MakeTrunk
) -> None:
    config = {"hold_music_enabled": False, "max_idle_timeout_sec": 90}
    call = await dial(fake_daily, await make_trunk(room_template={"sip": {"dialin_config": config}}))
    await call.wait_answered()
    await wait_for_event(fake_daily, "participant-joined")
    await call.expect_silence()
    await fake_daily.advance_clock(89)
    assert call.state == "answered"
    await fake_daily.advance_clock(1)
    assert (await call.wait_for_end()).by == "remote"


async def test_each_attempt_is_signed_anew_until_one_is_accepted(
    fake_daily: FakeDaily, customer: CustomerServer, make_trunk: MakeTrunk
) -> None:
    trunk = await make_trunk()
    customer.status = 503
    call = await dial(fake_daily, trunk)
    await announced(customer)
    customer.status = 201
    first, second = await announced(customer, 2)
    await call.wait_answered()
    secret = trunk["config"]["notification"]["hmac"]
    assert first.raw == second.raw
    for post in (first, second):
        assert post.headers["x-siptrunk-signature"] == sign(secret, post.headers["x-siptrunk-timestamp"], post.raw)
    assert first.headers["x-siptrunk-timestamp"] != second.headers["x-siptrunk-timestamp"]
    await call.hang_up()


@pytest.mark.parametrize(("status", "delay_s"), [(500, 0), (200, 5)])
async def test_a_call_that_is_not_accepted_in_time_is_480(
    fake_daily: FakeDaily, customer: CustomerServer, make_trunk: MakeTrunk, status: int, delay_s: float
) -> None:
    await fake_daily.reset(trunk_notification_limit=0.7)
    trunk = await make_trunk()
    customer.status, customer.delay_s = status, delay_s
    call = await dial(fake_daily, trunk)
    ended = await call.wait_for_end()
    assert (ended.status, ended.reason) == (480, "Notification Failed")
    posts = await announced(customer)
    await wait_until_deleted(fake_daily, posts[0].body["room"]["name"])


async def test_a_wait_for_the_answer_says_what_it_waits_for(
    fake_daily: FakeDaily, customer: CustomerServer, make_trunk: MakeTrunk
) -> None:
    trunk = await make_trunk()
    customer.delay_s = 30
    call = await dial(fake_daily, trunk)
    await announced(customer)
    await wait_for_record(fake_daily, lambda one: one.kind == "phone" and one.fields.get("status") == 180)
    with pytest.raises(ExpectationFailed, match=f"not answered before {customer.url} has accepted it with 2xx"):
        await call.wait_answered(within=0.01)
    await call.hang_up()


async def test_a_wait_for_the_answer_says_what_the_server_has_answered(
    fake_daily: FakeDaily, customer: CustomerServer, make_trunk: MakeTrunk
) -> None:
    await fake_daily.reset(trunk_notification_limit=0.3)
    trunk = await make_trunk()
    customer.status = 500
    call = await dial(fake_daily, trunk)
    await call.wait_for_end()
    with pytest.raises(ExpectationFailed, match=f"{customer.url}, has not accepted it: answered 500"):
        await call.wait_answered(within=0.01)


async def test_a_caller_who_gives_up_is_announced_no_more_and_the_room_is_deleted(
    fake_daily: FakeDaily, customer: CustomerServer, make_trunk: MakeTrunk
) -> None:
    trunk = await make_trunk()
    customer.status = 503
    call = await dial(fake_daily, trunk)
    (post,) = await announced(customer)
    await call.hang_up()
    assert (await call.wait_for_end()).status == 487
    await wait_until_deleted(fake_daily, post.body["room"]["name"])
    before = len(customer.posts)
    second = await dial(fake_daily, trunk, "+12065550143")
    await announced(customer, before)  # with the test request, one more than there were calls
    customer.status = 200
    await second.wait_answered()
    assert {post.body["call"]["From"] for post in customer.posts[before:]} == {"+12065550143"}
    await second.hang_up()


async def test_several_callers_at_once_get_a_room_each(
    fake_daily: FakeDaily, customer: CustomerServer, make_trunk: MakeTrunk
) -> None:
    trunk = await make_trunk()
    callers = [f"+1206555014{last}" for last in range(3)]
    calls = await asyncio.gather(*(dial(fake_daily, trunk, number) for number in callers))
    for call in calls:
        await call.wait_answered()
    posts = await announced(customer, 3)
    assert {post.body["call"]["From"] for post in posts} == set(callers)
    assert len({post.body["room"]["name"] for post in posts}) == 3
    for call in calls:
        await call.hang_up()


async def test_a_call_whose_room_cannot_be_made_is_refused_and_announced_to_nobody(
    fake_daily: FakeDaily, customer: CustomerServer, make_trunk: MakeTrunk
) -> None:
    await fake_daily.reset(dialout_in_plan=False)
    call = await dial(fake_daily, await make_trunk(room_template={"enable_dialout": True}))
    ended = await call.wait_for_end()
    assert (ended.status, ended.reason) == (480, "Temporarily Unavailable")
    record = await wait_for_record(fake_daily, lambda one: one.fields.get("action") == "gets no room")
    assert "dialout_in_plan" in record.fields["because"]
    assert [post.body["type"] for post in customer.posts] == ["sip_trunk.test"]


async def test_a_room_that_takes_no_call_refuses_it_when_it_is_accepted(
    fake_daily: FakeDaily, customer: CustomerServer, make_trunk: MakeTrunk
) -> None:
    full = await dial(fake_daily, await make_trunk(room_template={"max_sip_pstn_sessions_per_room": 0}))
    assert (await full.wait_for_end()).status == 486
    (post,) = await announced(customer)
    await wait_until_deleted(fake_daily, post.body["room"]["name"])


async def test_a_room_that_the_customer_deletes_meanwhile_refuses_the_call(
    fake_daily: FakeDaily, daily_api: httpx.AsyncClient, customer: CustomerServer, make_trunk: MakeTrunk
) -> None:
    trunk = await make_trunk()
    customer.status = 503
    call = await dial(fake_daily, trunk)
    (post,) = await announced(customer)
    assert (await daily_api.delete(f"/rooms/{post.body['room']['name']}")).status_code == 200
    customer.status = 200
    assert (await call.wait_for_end()).status == 404


async def test_a_reset_ends_a_call_that_rings(
    fake_daily: FakeDaily, customer: CustomerServer, make_trunk: MakeTrunk
) -> None:
    trunk = await make_trunk()
    customer.status = 503
    call = await dial(fake_daily, trunk)
    await announced(customer)
    end = asyncio.create_task(call.wait_for_end())
    await fake_daily.reset()
    ended = await end
    assert ended.status == 480


async def test_a_room_that_is_deleted_ends_the_call_of_a_caller_who_is_alone(
    fake_daily: FakeDaily, daily_api: httpx.AsyncClient, customer: CustomerServer, make_trunk: MakeTrunk
) -> None:
    call = await dial(fake_daily, await make_trunk())
    (post,) = await announced(customer)
    await call.wait_answered()
    assert (await daily_api.delete(f"/rooms/{post.body['room']['name']}")).status_code == 200
    assert (await call.wait_for_end()).by == "remote"


async def test_the_log_of_a_meeting_has_the_caller_who_was_there_before_it(
    fake_daily: FakeDaily, daily_api: httpx.AsyncClient, customer: CustomerServer, make_trunk: MakeTrunk
) -> None:
    call = await dial(fake_daily, await make_trunk())
    (post,) = await announced(customer)
    await wait_for_event(fake_daily, "participant-joined")
    bot = await fake_daily.join(post.body["room"]["name"])
    await call.hang_up()
    await bot.wait_for("dialin-stopped")
    await bot.leave()
    (meeting,) = (await daily_api.get("/meetings")).json()["data"]
    assert len(meeting["participants"]) == 2


async def test_a_server_can_end_while_a_call_rings(customer: CustomerServer) -> None:
    customer.delay_s = 0.01
    async with FakeDaily(Settings(port=0, sip_port=0)) as daily:
        headers = {"Authorization": f"Bearer {daily.api_key}"}
        async with httpx.AsyncClient(base_url=daily.api_url, headers=headers, trust_env=False) as api:
            body = {"trunk_name": "support", "room_template": {}, "trunk_config": {"is_open": True}}
            made = await api.post("/sip-trunk", json={**body, "notification": {"webhook_url": customer.url}})
        customer.delay_s = 5
        await dial(daily, made.json())
        await announced(customer)
    assert [task for task in asyncio.all_tasks() if "TrunkCall" in repr(task)] == []


async def test_the_secret_of_a_call_is_the_one_after_the_rotation(
    fake_daily: FakeDaily, daily_api: httpx.AsyncClient, customer: CustomerServer, make_trunk: MakeTrunk
) -> None:
    trunk = await make_trunk()
    changed = await daily_api.put(f"/sip-trunk/{trunk['id']}", json={"notification": {"hmac": None}})
    secret = changed.json()["config"]["notification"]["hmac"]
    assert secret != trunk["config"]["notification"]["hmac"]
    call = await dial(fake_daily, trunk)
    (post,) = await announced(customer)
    assert post.headers["x-siptrunk-signature"] == sign(secret, post.headers["x-siptrunk-timestamp"], post.raw)
    await call.wait_answered()
    await call.hang_up()


async def test_the_room_of_a_call_is_gone_when_its_time_is_over(
    fake_daily: FakeDaily, daily_api: httpx.AsyncClient, customer: CustomerServer, make_trunk: MakeTrunk
) -> None:
    trunk = await make_trunk(trunk_config={"is_open": True, "exp_offset": 60})
    call = await dial(fake_daily, trunk)
    await call.wait_answered()
    (post,) = await announced(customer)
    path = f"/rooms/{post.body['room']['name']}"
    await call.hang_up()
    await call.wait_for_end()
    assert (await daily_api.get(path)).status_code == 200
    await fake_daily.advance_clock(60)
    assert (await daily_api.get(path)).status_code == 404
    another = await dial(fake_daily, trunk, "+12065550143")
    await announced(customer, 2)
    assert fake_daily.site.rooms.find(post.body["room"]["name"]) is None, "the rooms of past calls do not pile up"
    await another.wait_answered()
    await another.hang_up()
