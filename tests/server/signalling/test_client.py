"""The asyncio client: its methods, the explanations of failed waits, and lost connections."""

from __future__ import annotations

import asyncio
import re
import time

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.values.errors import DailyError
from simulator.errors import ExpectationFailed
from tests.daily_side import DailySide, daily_side


async def test_telephony_requests_reach_the_telephony_with_their_options(side: DailySide) -> None:
    side.room(enable_dialout=True)
    async with side.owner() as owner:
        session_id = await owner.start_dialout({"sipUri": "sip:bob@127.0.0.1?X-tag=7"}, displayName="Bob")
        await owner.wait_for("dialout-connected", where={"sessionId": session_id})
        await owner.send_dtmf({"sessionId": session_id, "tones": "1"}, method="sip-info")
        await owner.stop_dialout(session_id)
        await owner.wait_for("dialout-stopped", where={"sessionId": session_id})
        with pytest.raises(DailyError) as refusal:
            await owner.stop_dialout(session_id)
        assert (refusal.value.status, refusal.value.error) == (404, "not-found")
    _, start, dtmf, *_ = side.telephony.requests
    assert (start[1].target, start[1].sip_headers, start[1].name) == (
        "sip:bob@127.0.0.1",
        (("X-tag", "7"),),
        "Bob",
    )
    assert (dtmf[1].tones, dtmf[1].method, dtmf[1].digit_duration_ms) == ("1", "sip-info", 500)


@pytest.mark.parametrize("verb", ["start", "stop", "dtmf"])
async def test_telephony_requests_need_an_owner_or_an_admin(side: DailySide, verb: str) -> None:
    side.room(enable_dialout=True)

    async def use(client: Client) -> None:
        if verb == "start":
            await client.start_dialout(phoneNumber="+12065550142")
        elif verb == "dtmf":
            await client.send_dtmf(sessionId="s", tones="1")
        else:
            session_id = await admin.start_dialout(phoneNumber="+12065550142")
            await client.stop_dialout(session_id)

    admins = {"permissions": {"canAdmin": ["participants"]}}
    others = {"permissions": {"canAdmin": ["streaming"]}}
    async with side.client(token=admins) as admin, side.client(token=others) as guest, side.client() as nobody:
        await use(admin)
        for client in (guest, nobody):
            with pytest.raises(DailyError) as refusal:
                await use(client)
            assert (refusal.value.status, refusal.value.error) == (400, "invalid-request-error")
            assert "is_owner" in refusal.value.info


async def test_a_refused_dial_out_publishes_no_event(side: DailySide) -> None:
    side.room()
    async with side.owner() as owner:
        with pytest.raises(DailyError, match="enable_dialout"):
            await owner.start_dialout(phoneNumber="+12065550142")
        with pytest.raises(DailyError, match=re.escape("startDialOut: params.phoneNumber: '911' is not")):
            await owner.start_dialout(phoneNumber="911")
        assert not [event for event in owner.events if event["action"].startswith("dialout")]


async def test_app_messages_go_to_all_or_to_the_named_participants(side: DailySide) -> None:
    side.room()
    async with side.client() as ann, side.client() as bob, side.client() as carl:
        await ann.send_app_message({"hello": ["all"]})
        for client in (bob, carl):
            message = await client.wait_for("app-message")
            assert (message["data"], message["fromId"]) == ({"hello": ["all"]}, ann.session_id)
        await bob.send_app_message("only you", to=ann.session_id)
        await bob.send_app_message("you two", to=[ann.session_id, carl.session_id])
        assert [event["data"] for event in await ann.wait_for(["app-message"] * 2)] == ["only you", "you two"]
        assert (await carl.wait_for("app-message"))["data"] == "you two"
        with pytest.raises(DailyError, match="no participant zork"):
            await bob.send_app_message("?", to="zork")


async def test_each_event_is_handed_out_once(side: DailySide) -> None:
    side.room()
    async with side.client() as ann, side.client() as bob:
        for number in range(2):
            await bob.send_app_message(number)
        assert (await ann.wait_for("app-message"))["data"] == 0
        assert (await ann.wait_for("app-message"))["data"] == 1
        with pytest.raises(ExpectationFailed, match="handed out by an earlier wait"):
            await ann.wait_for("app-message", within=0.01)
        await bob.send_app_message(2)
        assert (await ann.wait_for("app-message"))["data"] == 2


async def test_a_wait_compares_fields_by_value_pattern_or_predicate(side: DailySide) -> None:
    side.room()
    async with side.client() as ann, side.client() as bob:
        for text in ("one", "two", "three"):
            await bob.send_app_message({"text": text, "size": len(text)})
        assert (await ann.wait_for("app-message", where={"data.text": re.compile("^t")}))["data"]["text"] == "two"
        assert (await ann.wait_for("app-message", where={"data.size": lambda n: n > 3}))["data"]["size"] == 5
        assert (await ann.wait_for("app-message", where={"data": {"text": "one", "size": 3}}))["data"]["size"] == 3


async def test_a_failed_wait_lists_what_happened_instead(side: DailySide) -> None:
    side.room()
    async with side.client() as ann, side.client(user_name="Bob") as bob:
        await bob.send_app_message("almost")
        with pytest.raises(ExpectationFailed) as failure:
            await ann.wait_for("app-message", where={"data": "exactly"}, within=1)
    text = str(failure.value)
    assert "Expected  app-message  {data: exactly}  within 1 s" in text
    assert re.search(r"Nearest   \+\d\.\d{3} app-message  {data: almost", text)
    assert "joined-meeting" in text
    assert "participant-joined  {participant: Bob}" in text


async def test_several_events_are_awaited_in_the_given_order(side: DailySide) -> None:
    side.room()
    async with side.client() as ann:
        with pytest.raises(ExpectationFailed, match="joined-meeting did not come after participant-counts-updated"):
            await ann.wait_for(["participant-counts-updated", "joined-meeting"], within=0.05)
        await ann.wait_for(["joined-meeting", "participant-counts-updated"])


async def test_a_lost_server_ends_waits_and_requests_at_once() -> None:
    async with daily_side() as side:
        side.room()
        client = side.client()
        await client.join()
        waiting = asyncio.create_task(client.wait_for("dialin-ready", within=30))
        await asyncio.sleep(0)
    began = time.monotonic()
    with pytest.raises(ExpectationFailed, match="the connection is closed"):
        await waiting
    assert time.monotonic() - began < 5
    with pytest.raises(ConnectionError, match="the connection is closed"):
        await client.set_user_name("x")
    await client.leave()
    with pytest.raises(ConnectionError, match="cannot connect to"):
        await client.join()


async def test_leaving_twice_or_without_joining_does_nothing(side: DailySide) -> None:
    side.room()
    client = side.client()
    await client.leave()
    with pytest.raises(ConnectionError, match="join first"):
        await client.set_user_name("x")
    async with client:
        await client.leave()
    assert not client.joined


async def test_a_refused_join_leaves_nothing_open(side: DailySide) -> None:
    client = side.client("nowhere")
    with pytest.raises(DailyError):
        await client.join()
    assert [task.get_name() for task in asyncio.all_tasks() if "events of" in task.get_name()] == []
    side.room("nowhere")
    async with client:
        assert client.joined
