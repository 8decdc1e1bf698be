"""Dialogs · timers: peers that do not respond, the timers that end the wait, and the slots of calls that wait."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from fake_daily_server.values.errors import DailyError
from simulator.errors import ExpectationFailed
from simulator.network import Network
from simulator.useragent.sip_text import SipMessage
from tests.event_actions import actions
from tests.integration.relay.soon import soon
from tests.interop.public_cases.raw_rtp import RtpSocket
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent, audio_sdp
from tests.interop.public_cases.room_calls import RawCall, dialled_in, dialled_out, front_door

RELIABLE = {"Require": "100rel", "RSeq": "1"}


# --- the timers themselves ---


async def test_the_rfc_timers_are_the_default_of_a_server() -> None:
    """Each of these waits ended after 1.6 s or 4 s. Here all of them last longer than 4 s at the same time."""
    async with AsyncExitStack() as stack:
        daily = await stack.enter_async_context(FakeDaily(Settings(port=0, sip_port=0)))
        sip = {"display_name": "SIP caller", "codecs": {"audio": ["PCMU"]}}
        room = await daily.create_room(enable_dialout=True, sip=sip)
        client = await daily.join(room)
        unanswered, prack, bad, acked = [await stack.enter_async_context(RawUserAgent()) for _ in range(4)]
        rtp = await stack.enter_async_context(RtpSocket())

        await client.start_dialout({"sipUri": unanswered.uri})
        await unanswered.receive("INVITE ")
        await client.start_dialout({"sipUri": prack.uri})
        await (await RawDialog.called(prack)).answer("183 Session Progress", audio_sdp(rtp.port), headers=RELIABLE)
        await client.start_dialout({"sipUri": bad.uri})
        await (await RawDialog.called(bad)).answer("200 OK", audio_sdp(0, "0", ""))
        dialog = RawDialog.calling(acked, room.sip_uris[0], through=front_door(daily))
        await dialog.request("INVITE", audio_sdp(rtp.port))
        await acked.receive("SIP/2.0 200")

        await asyncio.sleep(4.6)  # the shortest proof that nothing ends after 4 s
        assert len(unanswered.requests("INVITE")) == 1
        assert unanswered.count("INVITE ") == 4, "retransmitted after 0.5, 1.5 and 3.5 s"
        assert not prack.requests("CANCEL")
        assert not prack.requests("BYE")
        assert prack.count("PRACK ") >= 4
        assert bad.count("BYE ") >= 4
        assert not acked.requests("BYE")
        with pytest.raises(ExpectationFailed) as failed:
            await client.wait_for("dialout-answered", within=0.1)
        assert "a response to our INVITE has been awaited for" in str(failed.value)
        assert "at most 32 s (timer B; sip_timers is 'rfc')" in str(failed.value)
        assert "the ACK of our 200 has been awaited" in str(failed.value)


async def test_fixtures_use_fast_timers(fake_daily: FakeDaily, daily_client: Client) -> None:
    assert fake_daily.settings.sip_timers == "fast"
    async with RawUserAgent() as agent:
        began = time.monotonic()
        await daily_client.start_dialout({"sipUri": agent.uri})
        error = await daily_client.wait_for("dialout-error", within=6)
        assert 3.5 < time.monotonic() - began < 5
        assert "408 Request Timeout: INVITE was not answered within 4 s, SIP timer B" in error["errorMsg"]


# --- a request before the answer that nobody answers ---


async def ringing_call(agent: RawUserAgent, client: Client, rtp: RtpSocket, *, reliable: bool) -> tuple[RawDialog, str]:
    session_id = await client.start_dialout({"sipUri": agent.uri})
    dialog = await RawDialog.called(agent)
    await dialog.answer("183 Session Progress", audio_sdp(rtp.port), headers=RELIABLE if reliable else {})
    await client.wait_for("dialout-connected", where={"sessionId": session_id})
    return dialog, session_id


async def send_info(client: Client, session_id: str) -> None:
    await client.send_dtmf({"sessionId": session_id, "tones": "1", "method": "sip-info"})


@pytest.mark.parametrize(("method", "seconds"), [("PRACK", 1.6), ("INFO", 4)])
async def test_a_request_before_the_answer_that_nobody_answers_ends_the_call_once(
    daily_client: Client, method: str, seconds: float
) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        _, session_id = await ringing_call(agent, daily_client, rtp, reliable=method == "PRACK")
        if method == "INFO":
            await send_info(daily_client, session_id)
        error = await daily_client.wait_for("dialout-error", within=seconds + 2)
        assert f"{method} was not answered within {seconds:g} s, SIP timer F" in error["errorMsg"]
        await agent.request("CANCEL")
        await agent.receives_nothing("BYE ", for_s=0.3)
        ends = [action for action in actions(daily_client.events) if action in ("dialout-error", "dialout-stopped")]
        assert ends == ["dialout-error"]


@pytest.mark.parametrize("method", ["PRACK", "INFO"])
async def test_a_request_before_the_answer_that_gets_481_ends_the_call_once(daily_client: Client, method: str) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        dialog, session_id = await ringing_call(agent, daily_client, rtp, reliable=method == "PRACK")
        if method == "INFO":
            await send_info(daily_client, session_id)
        await dialog.answer("481 No Such Call", to=await agent.request(method))
        cancel = await agent.request("CANCEL")
        await dialog.answer("481 No Such Call", to=cancel)
        await daily_client.wait_for("dialout-error")
        await agent.receives_nothing("BYE ", "CANCEL ", for_s=0.3)


async def test_a_481_to_a_request_of_an_answered_call_ends_it_once(daily_client: Client) -> None:
    async with dialled_out(daily_client) as call:
        await send_info(daily_client, call.session_id)
        await call.dialog.answer("481 No Such Call", to=await call.agent.request("INFO"))
        error = await daily_client.wait_for("dialout-error")
        assert "481 No Such Call" in error["errorMsg"]
        await call.dialog.answer("481 No Such Call", to=await call.agent.request("BYE"))
        await call.agent.receives_nothing("BYE ", for_s=0.6)


# --- calls whose BYE nobody answers ---


async def stop_without_answer(client: Client, stack: AsyncExitStack, count: int) -> None:
    """End so many calls whose peers do not answer the BYE."""
    for _ in range(count):
        call = await stack.enter_async_context(dialled_out(client))
        await client.stop_dialout(call.session_id)
        await client.wait_for("dialout-stopped", where={"sessionId": call.session_id})


async def test_calls_that_wait_for_the_answer_to_their_bye_leave_room_for_others(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with AsyncExitStack() as stack:
        await stop_without_answer(daily_client, stack, 4)
        await stack.enter_async_context(dialled_out(daily_client))
        await stack.enter_async_context(dialled_in(fake_daily, daily_room, daily_client))


async def test_callers_whose_bye_is_not_answered_leave_room_for_others(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(4):
            await stack.enter_async_context(dialled_in(fake_daily, daily_room, daily_client))
            await fake_daily.owner_loop.run(end_all_sessions(fake_daily))
            await daily_client.wait_for("dialin-stopped")
        await stack.enter_async_context(dialled_in(fake_daily, daily_room, daily_client))


async def end_all_sessions(daily: FakeDaily) -> None:
    for call in daily.gateway.calls:
        await call.hang_up()


async def test_slots_are_free_again_when_the_wait_is_over(fake_daily: FakeDaily, daily_client: Client) -> None:
    async with AsyncExitStack() as stack:
        await stop_without_answer(daily_client, stack, 4)
        group = fake_daily.gateway.group
        assert sum(destination.held_slots for destination in group) >= 4
        await soon(lambda: sum(one.slots_in_use for one in group) == 0, "all slots are free", within=6)


async def test_a_reset_replaces_what_peers_keep_busy(fake_daily: FakeDaily, daily_client: Client) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(3):
            await stack.enter_async_context(dialled_out(daily_client))
        await fake_daily.owner_loop.run(fake_daily.gateway.reset())
        await daily_client.wait_for(["dialout-stopped"] * 3)
        await stack.enter_async_context(dialled_out(daily_client))


async def test_a_reset_frees_the_slots_of_calls_whose_cancel_is_not_answered(
    fake_daily: FakeDaily, daily_client: Client
) -> None:
    """PJSIP keeps such a slot for 64*T1, whatever `sip_timers` says."""
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        _, session_id = await ringing_call(agent, daily_client, rtp, reliable=False)
        await daily_client.stop_dialout(session_id)
        await daily_client.wait_for("dialout-stopped")
        group = fake_daily.gateway.group
        assert sum(destination.held_slots for destination in group) == 1
        await fake_daily.owner_loop.run(fake_daily.gateway.reset())
        assert sum(destination.held_slots for destination in group) == 0
        async with dialled_out(daily_client):
            pass


async def test_a_phone_says_why_it_cannot_dial(phone_network: Network) -> None:
    phone = await phone_network.phone("+12065550142")
    async with AsyncExitStack() as stack:
        for _ in range(4):
            agent = await stack.enter_async_context(RawUserAgent())
            rtp = await stack.enter_async_context(RtpSocket())
            call = await phone.dial(agent.uri)
            await (await RawDialog.called(agent)).answer("200 OK", audio_sdp(rtp.port))
            await call.wait_answered()
            await call.hang_up()
            await call.wait_for_end()
        with pytest.raises(Exception, match=r"counts until its BYE is answered, for at most 4 s \(SIP timer F\)"):
            await phone.dial("sip:anybody@127.0.0.1:9")


# --- the subscription of sipRefer ---


async def refer(call: RawCall, client: Client, *, answer: str = "202 Accepted", **headers: str) -> SipMessage:
    """sipRefer, which the peer accepts."""
    request = {"sessionId": call.session_id, "toEndPoint": "sip:target@127.0.0.1:9"}
    asked = asyncio.ensure_future(client.sip_refer(request))
    received = await call.agent.request("REFER")
    await call.dialog.answer(answer, to=received, headers=headers)
    await asked
    return received


async def notify(
    call: RawCall, state: str, body: str = "SIP/2.0 200 OK\r\n", *, content_type: str = "message/sipfrag"
) -> SipMessage:
    headers = {"Event": "refer", "Subscription-State": state}
    return await call.response_to("NOTIFY", body, content_type=content_type, headers=headers)


async def test_a_refer_without_any_notify_ends_by_timer_n(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with dialled_in(fake_daily, daily_room, daily_client) as call:
        began = time.monotonic()
        await refer(call, daily_client)
        await daily_client.wait_for("dialin-stopped")
        await call.agent.request("BYE", within=6)
        assert 3.5 < time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("state", "body", "content_type", "within"),
    [
        ("terminated;reason=noresource", "", "", 1),
        ("terminated;reason=reason=noresource", "SIP/2.0 200 OK\r\n", "message/sipfrag", 1),
        ("terminated;reason=reason=noresource", "SIP/2.0 486 Busy Here\r\n", "message/sipfrag;version=2.0", 1),
        ("terminated", "hello", "text/plain", 1),
        ("terminated;", "SIP/2.0 200 OK", "message/sipfrag", 1),
        ("active;expires=60", "SIP/2.0 200 OK\r\n", "message/sipfrag", 1),
        ("active;expires=60", "SIP/2.0 603 Decline\r\n", "message/sipfrag", 1),
        ("active;expires=1", "SIP/2.0 100 Trying\r\n", "message/sipfrag", 2),
        ("active", "SIP/2.0 180 Ringing\r\n", "message/sipfrag", 5),
    ],
)
async def test_a_refer_ends_with_its_subscription(
    fake_daily: FakeDaily,
    daily_room: RoomHandle,
    daily_client: Client,
    state: str,
    body: str,
    content_type: str,
    within: float,
) -> None:
    async with dialled_in(fake_daily, daily_room, daily_client) as call:
        await refer(call, daily_client)
        assert (await notify(call, state, body, content_type=content_type)).status[0] == 200
        await call.agent.request("BYE", within=within)


async def test_a_refer_without_subscription_ends_at_once(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with dialled_in(fake_daily, daily_room, daily_client) as call:
        await refer(call, daily_client, **{"Refer-Sub": "false"})
        await call.agent.request("BYE", within=1)


async def test_a_call_whose_peer_does_not_answer_the_refer_stays_in_the_room(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with dialled_in(fake_daily, daily_room, daily_client) as call:
        with pytest.raises(DailyError, match="408"):
            await daily_client.sip_refer({"sessionId": call.session_id, "toEndPoint": "sip:target@127.0.0.1:9"})
        assert call.session_id in daily_client.participants
        assert not call.agent.requests("BYE")
