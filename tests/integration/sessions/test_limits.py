"""How many calls a room and the whole server can have. A refusal is an error of the verb and never an event."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from fake_daily_server.values.errors import DailyError
from tests.event_actions import actions

PHONES = [f"+1206555{number:04}" for number in range(101, 112)]


@asynccontextmanager
async def limited(room: dict[str, Any], **settings: Any) -> AsyncIterator[tuple[FakeDaily, RoomHandle, Client]]:
    """A server with these settings, a room, and an owner in it."""
    async with FakeDaily(Settings(port=0, sip_port=0, **settings)) as daily:
        handle = await daily.create_room(enable_dialout=True, **room)
        yield daily, handle, await daily.join(handle)


async def refused(client: Client, number: str) -> str:
    """Check that a dial-out is refused without an event, and return the `info`."""
    before = len(client.events)
    with pytest.raises(DailyError) as refusal:
        await client.start_dialout({"phoneNumber": number})
    assert (refusal.value.status, refusal.value.error) == (400, "invalid-request-error")
    await client.participant_counts()
    assert [action for action in actions(client.events[before:]) if action.startswith("dialout")] == []
    return refusal.value.info


async def test_provisioned_endpoints_count_towards_the_session_limit() -> None:
    two = {"sip": {"num_endpoints": 2}}
    async with limited(two, max_sip_pstn_sessions_per_room=3) as (daily, room, owner):
        for number in PHONES[:2]:
            await daily.network.phone(number)
        first = await owner.start_dialout({"phoneNumber": PHONES[0]})
        await owner.wait_for("dialout-answered")
        assert "max_sip_pstn_sessions_per_room is 3" in await refused(owner, PHONES[1])
        caller = await daily.network.phone(PHONES[2])
        call = await caller.dial(room.sip_uris[1])
        await call.wait_answered()
        await owner.stop_dialout(first)
        await owner.wait_for("dialout-stopped")
        await owner.start_dialout({"phoneNumber": PHONES[1]})
        await owner.wait_for("dialout-answered")


async def test_a_room_with_five_endpoints_cannot_dial_out_by_default() -> None:
    async with limited({"sip": {"num_endpoints": 5}}) as (_, _room, owner):
        assert "uses 5 (5 SIP endpoints)" in await refused(owner, PHONES[0])


async def test_calls_of_every_kind_count_towards_the_limit_of_five() -> None:
    """A SIP caller, a PIN caller, dial-outs to a SIP URI and to numbers: there is no sixth of any kind."""
    async with limited({"sip": {"num_endpoints": 1}, "dialin": {"display_name": "phone caller"}}) as (
        daily,
        room,
        owner,
    ):
        network, code = daily.network, room.config["dialin_code"]
        await (await (await network.phone(PHONES[0])).dial(room.sip_uris[0])).wait_answered()
        by_code = await (await network.phone(PHONES[1])).dial(room.config["dialin_number"])
        await by_code.wait_answered()
        await by_code.press(code, duration_ms=40, gap_ms=20)
        await owner.wait_for(["dialin-connected", "dialin-connected"])
        await network.phone(uri="sip:bob@example.com")
        await owner.start_dialout({"sipUri": "sip:bob@example.com"})
        for number in PHONES[2:4]:
            await network.phone(number)
            await owner.start_dialout({"phoneNumber": number})
        await owner.wait_for(["dialout-answered"] * 3)

        assert "max_sip_pstn_sessions_per_room is 5" in await refused(owner, PHONES[4])
        with pytest.raises(DailyError, match="max_sip_pstn_sessions_per_room is 5"):
            await owner.start_dialout({"sipUri": "sip:bob@example.com"})
        sixth = await (await network.phone(PHONES[5])).dial(room.config["dialin_number"])
        await sixth.wait_answered()
        await sixth.press(code, duration_ms=40, gap_ms=20)
        assert (await sixth.wait_for_end()).by == "remote"
        assert actions(owner.events).count("dialin-connected") == 2


async def test_the_domain_and_the_room_can_have_session_limits(
    fake_daily: FakeDaily, daily_api: httpx.AsyncClient
) -> None:
    limit = "max_sip_pstn_sessions_per_room"
    room = await fake_daily.create_room(enable_dialout=True, sip={})
    for number in PHONES[:3]:
        await fake_daily.network.phone(number)
    owner = await fake_daily.join(room)
    await daily_api.post("/", json={"properties": {limit: 1}})
    assert f"{limit} is 1 and room {room.name!r} uses 1 (1 SIP endpoint)" in await refused(owner, PHONES[0])
    await daily_api.post(f"/rooms/{room.name}", json={"properties": {limit: 3}})
    await owner.start_dialout({"phoneNumber": PHONES[0]})
    await owner.start_dialout({"phoneNumber": PHONES[1]})
    with pytest.raises(DailyError, match=rf"{limit} is 3 and room .* uses 3 \(1 SIP endpoint, 2 dial-outs\)"):
        await owner.start_dialout({"phoneNumber": PHONES[2]})


async def test_by_setting_only_calls_count_towards_the_session_limit() -> None:
    settings = {"max_sip_pstn_sessions_per_room": 2, "session_limit_counts": "connections"}
    async with limited({"sip": {"num_endpoints": 2}}, **settings) as (daily, room, owner):
        for number in PHONES[:2]:
            await daily.network.phone(number)
            await owner.start_dialout({"phoneNumber": number})
        await owner.wait_for(["dialout-answered", "dialout-answered"])
        assert "uses 2 (2 dial-outs)" in await refused(owner, PHONES[2])
        caller = await daily.network.phone(PHONES[3])
        assert (await (await caller.dial(room.sip_uris[0])).wait_for_end()).status == 486


async def test_without_a_free_worker_dial_out_is_temporarily_not_available() -> None:
    """One SIP process can have four calls, and the settings allow no other process."""
    settings = {"gateway_workers": 1, "most_gateway_workers": 1, "max_sip_pstn_sessions_per_room": 20}
    async with limited({"sip": {"num_endpoints": 1}}, **settings) as (daily, room, owner):
        for number in PHONES[:5]:
            await daily.network.phone(number)
        sessions = [await owner.start_dialout({"phoneNumber": number}) for number in PHONES[:4]]
        await owner.wait_for(["dialout-answered"] * 4)
        assert (await refused(owner, PHONES[4])).startswith("TEMPORARILY_NOT_AVAILABLE")
        caller = await daily.network.phone(PHONES[5])
        status = (await (await caller.dial(room.sip_uris[0])).wait_for_end()).status
        assert status in (480, 486, 503), "the caller is refused too, and no existing call is lost"
        await owner.stop_dialout(sessions[0])
        await owner.wait_for("dialout-stopped")
        await owner.start_dialout({"phoneNumber": PHONES[4]})
        await owner.wait_for(["dialout-answered"])


async def test_by_setting_a_second_dial_out_is_refused() -> None:
    async with limited({}, concurrent_dialouts=False) as (daily, _, owner):
        for number in PHONES[:2]:
            await daily.network.phone(number)
        first = await owner.start_dialout({"phoneNumber": PHONES[0]})
        info = await refused(owner, PHONES[1])
        assert info.startswith("DIALOUT_IN_PROGRESS")
        assert first in info
        await owner.stop_dialout(first)
        await owner.wait_for("dialout-stopped")
        await owner.start_dialout({"phoneNumber": PHONES[1]})
        await owner.wait_for("dialout-answered")
