"""The name by which others reach the server is in its URLs and SIP URIs, and leads back to it."""

from __future__ import annotations

import os
import signal

import pytest
from pydantic import ValidationError

from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings


async def test_a_caller_reaches_a_room_by_the_public_address() -> None:
    async with FakeDaily(Settings(port=0, sip_port=0, public_address="localhost")) as daily:
        assert daily.api_url.startswith("http://localhost:")
        assert daily.sip.startswith("sip:localhost:")
        room = await daily.create_room(sip={"sip_mode": "dial-in", "display_name": "Caller"})
        assert room.url == f"{daily.url}/{room.name}"
        bot = await daily.join(room)
        ready = await bot.wait_for("dialin-ready")
        assert ready["sipEndpoint"] == room.sip_uris[0] == f"sip:{room.name}.0@{daily.sip.removeprefix('sip:')}"
        caller = await daily.network.phone("+12065550199")
        call = await caller.dial(ready["sipEndpoint"])
        await call.wait_answered()
        await bot.wait_for("dialin-connected")


async def test_a_name_that_only_others_can_look_up_leads_here_all_the_same() -> None:
    """As with the name of a container, seen from a phone of the server itself."""
    async with FakeDaily(Settings(port=0, sip_port=0, public_address="daily.invalid")) as daily:
        room = await daily.create_room(sip={"sip_mode": "dial-in", "display_name": "Caller"})
        assert room.sip_uris[0].partition("@")[2].startswith("daily.invalid:")
        caller = await daily.network.phone("+12065550199")
        call = await caller.dial(room.sip_uris[0])
        assert (await call.wait_for_end()).status == 480  # nobody is in the room


@pytest.mark.parametrize("rtp_relay", [True, False])
async def test_calls_inside_do_not_leave_by_a_public_address(rtp_relay: bool) -> None:
    """192.0.2.7 (RFC 5737) is nowhere: what the server and its phones send to it has to stay here."""
    settings = Settings(port=0, sip_port=0, public_address="192.0.2.7", sip_timers="fast", rtp_relay=rtp_relay)
    async with FakeDaily(settings) as daily:
        room = await daily.create_room(enable_dialout=True, sip={"sip_mode": "dial-in", "display_name": "Caller"})
        assert room.url.startswith("http://192.0.2.7:")
        bot = await daily.join(room)
        office = await daily.network.phone("+12065550142")
        await bot.start_dialout({"phoneNumber": office.number})
        answered = await bot.wait_for("dialout-answered")
        caller = await daily.network.phone("+12065550199")
        incoming = await caller.dial(room.sip_uris[0])
        await bot.wait_for(["dialin-connected", "participant-joined"])
        there = await office.wait_for_call()
        await there.hum(440)
        await incoming.hum(700)
        await bot.expect_tones({440, 700})
        await there.expect_tones({700})
        await incoming.expect_tones({440})
        await bot.send_dtmf({"sessionId": answered["sessionId"], "tones": "5"})
        await there.wait_for_digits("5")
        await there.hold()
        await there.resume()
        await there.hang_up()
        await bot.wait_for("dialout-stopped")
        await incoming.hang_up()
        await bot.wait_for("dialin-stopped")
        assert [str(record) for record in daily.timeline.records(kind="destination")] == []


@pytest.mark.parametrize("public_address", [None, "localhost", "192.0.2.7"])
@pytest.mark.parametrize("headers", ["", f"?X-Long={'a' * 1500}"], ids=["udp", "tcp, because it is long"])
async def test_the_callee_of_a_dead_worker_is_hung_up(public_address: str | None, headers: str) -> None:
    """A long INVITE comes by TCP (RFC 3261 §18.1.1), from another port, and names its worker by the public address."""
    desk = "sip:desk@example.com"
    async with FakeDaily(Settings(port=0, sip_port=0, public_address=public_address)) as daily:
        bot = await daily.join(await daily.create_room(enable_dialout=True))
        phone = await daily.network.phone(uri=desk)
        await bot.start_dialout({"sipUri": f"{desk}{headers}"})
        await bot.wait_for("dialout-answered")
        call = await phone.wait_for_call()
        (dialled,) = daily.gateway.calls
        os.kill(dialled.user_agent.pid, signal.SIGKILL)
        assert (await call.wait_for_end()).by == "remote"
        await bot.wait_for("dialout-error")


@pytest.mark.parametrize("address", ["daily", "daily.test", "my_daily", "192.0.2.7"])
def test_a_name_or_an_address_is_taken(address: str) -> None:
    assert Settings(public_address=address).public_address == address


@pytest.mark.parametrize("address", ["", "daily:7880", "http://daily", "a b", "-x", "sip:x@y", "::1"])
def test_anything_else_is_refused_with_what_is_allowed(address: str) -> None:
    with pytest.raises(ValidationError, match="allowed: a host name or an IPv4 address"):
        Settings(public_address=address)
