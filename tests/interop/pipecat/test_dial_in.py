"""Callers of a Pipecat bot: held until its transport moves them, or at its room's SIP endpoint; some hang up early."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.network import Network
from tests.integration.pstn.conftest import CALLER, NUMBER, Pinless, pinless_domain
from tests.interop.pipecat.bot_runs import Bots, call_events, dialin_endpoint, transport_bot

pytestmark = pytest.mark.interop("pipecat")

BOT_HZ, GOODBYE_HZ = 660, 520


@pytest.fixture
async def pinless(fake_daily: FakeDaily) -> AsyncIterator[Pinless]:
    async with pinless_domain(fake_daily) as domain:
        yield domain


@pytest.fixture
async def room(fake_daily: FakeDaily) -> RoomHandle:
    return await fake_daily.create_room("reception", sip={"display_name": "caller"})


def request(daily: FakeDaily, asked: dict[str, Any]) -> dict[str, Any]:
    """Build the body that Pipecat's runner passes to a bot after a request of Daily."""
    settings = {
        "call_id": asked["callId"],
        "call_domain": asked["callDomain"],
        "To": asked["To"],
        "From": asked["From"],
    }
    return {"dialin_settings": settings, "daily_api_key": daily.api_key, "daily_api_url": daily.api_url}


async def test_a_held_caller_is_moved_by_the_transport(
    fake_daily: FakeDaily, phone_network: Network, bots: Bots, pinless: Pinless, room: RoomHandle
) -> None:
    call = await (await phone_network.phone(CALLER)).dial(NUMBER, headers={"X-Tenant": "acme"})
    asked = await pinless.asked()
    bots.start("dial_in", room, request(fake_daily, asked.body))
    await call.expect_tones([BOT_HZ])
    await call.press("5")
    await call.wait_for_digits("5", method="telephone-event")
    await call.hang_up()
    await bots.end()
    assert call_events(fake_daily, room) == [
        "dialin-ready",
        "dialin-connected",
        "participant-joined",
        "participant-left",
        "dialin-stopped",
    ]


async def test_the_bot_ends_the_call(
    fake_daily: FakeDaily, phone_network: Network, bots: Bots, room: RoomHandle
) -> None:
    bots.start("dial_in", room, {})
    call = await (await phone_network.phone(CALLER)).dial(await dialin_endpoint(fake_daily, room))
    await call.expect_tones([BOT_HZ])
    await call.hum(GOODBYE_HZ, seconds=0.6)
    ended = await call.wait_for_end()
    assert (ended.status, ended.by) == (200, "remote")
    await bots.end()


async def test_a_caller_on_the_static_sip_address_is_moved_by_the_transport(
    fake_daily: FakeDaily, phone_network: Network, room: RoomHandle
) -> None:
    async with pinless_domain(fake_daily, phone_number=None, name_prefix="acme") as domain:
        caller = await phone_network.phone(uri="sip:desk@pbx.example.com")
        call = await caller.dial(f"sip:{domain.config['sip_uri']}", headers={"X-Queue": "sales"})
        asked = await domain.asked()
        async with transport_bot(room, params=dialin(fake_daily, asked.body)) as bot:
            connected = await bot.event("on_dialin_connected")
            assert connected["sipHeaders"] == {"X-Queue": "sales"}
            assert connected["sipFrom"] == "sip:desk@pbx.example.com"
            assert (await bot.event("on_first_participant_joined"))["info"]["userName"] == "caller"
            await call.hang_up()
            await bot.event("on_dialin_stopped")


async def test_pinless_call_update_fails_for_a_caller_that_has_hung_up(
    fake_daily: FakeDaily, phone_network: Network, pinless: Pinless, room: RoomHandle
) -> None:
    call = await (await phone_network.phone(CALLER)).dial(NUMBER)
    asked = await pinless.asked()
    await call.hang_up()
    await call.wait_for_end()
    async with transport_bot(room, params=dialin(fake_daily, asked.body)) as bot:
        error = await bot.event("on_error")
        assert error.startswith("Unable to handle dialin-ready event (status: 404, error: ")
        assert await bot.event("on_dialin_ready") == room.sip_uris[0], "the handler runs nevertheless"
        assert "on_participant_joined" not in bot.event_names


async def test_pinless_call_update_with_a_wrong_key_is_reported_to_the_bot(
    fake_daily: FakeDaily, phone_network: Network, pinless: Pinless, room: RoomHandle
) -> None:
    call = await (await phone_network.phone(CALLER)).dial(NUMBER)
    asked = await pinless.asked()
    async with transport_bot(room, params={**dialin(fake_daily, asked.body), "api_key": "wrong"}) as bot:
        assert (await bot.event("on_error")).startswith("Unable to handle dialin-ready event (status: 401, error: ")
        assert call.state == "answered", "still held"
        await call.hang_up()


async def test_the_bot_ends_when_the_caller_hangs_up_during_its_speech(
    fake_daily: FakeDaily, phone_network: Network, bots: Bots, room: RoomHandle
) -> None:
    bots.start("dial_in", room, {})
    call = await (await phone_network.phone(CALLER)).dial(await dialin_endpoint(fake_daily, room))
    await call.expect_tone(BOT_HZ)
    await call.hang_up()
    await bots.end()


async def test_two_callers_at_two_endpoints(fake_daily: FakeDaily, phone_network: Network) -> None:
    room = await fake_daily.create_room(sip={"display_name": "caller", "num_endpoints": 2})
    async with transport_bot(room) as bot:
        endpoints = [await bot.event("on_dialin_ready"), await bot.event("on_dialin_ready")]
        calls = []
        for number, endpoint in zip((CALLER, "+12065550198"), endpoints, strict=True):
            calls.append(await (await phone_network.phone(number)).dial(endpoint))
            await bot.event("on_participant_joined")
        assert bot.event_names.count("on_first_participant_joined") == 1
        for call in calls:
            await call.hang_up()
            await bot.event("on_dialin_stopped")


def dialin(daily: FakeDaily, asked: dict[str, Any]) -> dict[str, Any]:
    """Transport parameters for a held caller, as bots create them: without the address of the API."""
    from pipecat.transports.daily.transport import DailyDialinSettings

    settings = DailyDialinSettings(call_id=asked["callId"], call_domain=asked["callDomain"])
    return {"dialin_settings": settings, "api_key": daily.api_key}
