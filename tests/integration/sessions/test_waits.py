"""Waiting for an empty room, and for events of a room."""

from __future__ import annotations

import asyncio

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from fake_daily_server.values.errors import NotFound
from simulator.errors import ConfigurationError, ExpectationFailed
from simulator.network import Network


async def test_a_room_with_calls_only_counts_as_empty(fake_daily: FakeDaily, phone_network: Network) -> None:
    room = await fake_daily.create_room(sip={"sip_mode": "dial-in"}, max_idle_timeout_sec=60)
    await fake_daily.wait_until_empty(room, within=0)
    bot = await fake_daily.join(room, user_name="bot")
    call = await (await phone_network.phone("+12065550199")).dial(room.sip_uris[0])
    await call.wait_answered()
    waiting = asyncio.create_task(fake_daily.wait_until_empty(room.name))
    with pytest.raises(ExpectationFailed) as failed:
        await fake_daily.wait_until_empty(room, within=0.1)
    assert f"in the room: 'bot' ({bot.session_id})" in str(failed.value)
    assert not waiting.done()
    await bot.leave()
    await waiting
    assert [who["participantType"] for who in room.participants.values()] == ["sip-dial-in"]


async def test_waiting_for_an_unknown_room_is_refused(fake_daily: FakeDaily) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        await fake_daily.wait_until_empty("nowhere")


OFFICE = "+12065550142"
SHOP = "+12065550143"


async def because(client: Client, name: str, **where: str) -> str | None:
    """The reason of a wait that fails."""
    with pytest.raises(ExpectationFailed) as failed:
        await client.wait_for(name, where=where, within=0.05)
    return failed.value.because


async def test_a_call_that_somebody_asked_for_is_not_explained_by_its_absence(
    daily_client: Client, phone_network: Network
) -> None:
    await phone_network.phone(OFFICE)
    await daily_client.start_dialout({"phoneNumber": OFFICE})
    await daily_client.wait_for("dialout-answered")
    differs = f"destination: {OFFICE}, expected {SHOP}"
    assert await because(daily_client, "dialout-connected", destination=SHOP) == differs


async def test_a_call_under_way_is_the_reason_and_none_that_has_ended(
    daily_client: Client, phone_network: Network
) -> None:
    await phone_network.phone(OFFICE, calls="busy")
    await phone_network.phone(SHOP, calls=[{"ring_ms": 60_000, "then": "answer"}])
    await daily_client.start_dialout({"phoneNumber": OFFICE})
    await daily_client.wait_for("dialout-error")
    await daily_client.start_dialout({"phoneNumber": SHOP})
    await daily_client.wait_for("dialout-connected")
    rings = f"the phone {SHOP!r} rings for 60 s as planned, then: answer (calls: ring_ms)"
    assert await because(daily_client, "dialout-answered") == rings


async def test_of_several_ended_calls_the_latest_is_the_reason(daily_client: Client, phone_network: Network) -> None:
    await phone_network.phone(SHOP, calls="decline")
    await phone_network.phone(OFFICE, calls="busy")
    for number in (OFFICE, SHOP):
        await daily_client.start_dialout({"phoneNumber": number})
        await daily_client.wait_for("dialout-error")
    declined = f"the call of {SHOP!r} ended with 603 Decline, by local"
    assert await because(daily_client, "dialout-answered") == declined


async def test_calls_of_other_rooms_are_no_reason(fake_daily: FakeDaily, phone_network: Network) -> None:
    await phone_network.phone(OFFICE, calls=[{"ring_ms": 60_000, "then": "answer"}])
    busy, idle = [await fake_daily.join(await fake_daily.create_room(enable_dialout=True)) for _ in range(2)]
    await busy.start_dialout({"phoneNumber": OFFICE})
    await busy.wait_for("dialout-connected")
    assert "rings for 60 s" in (await because(busy, "dialout-answered") or "")
    assert "rings for 60 s" not in (await because(idle, "dialout-answered") or "")


async def test_a_misspelt_event_name_is_refused_at_once(daily_client: Client, daily_room: RoomHandle) -> None:
    with pytest.raises(
        ConfigurationError,
        match=r"'dialout-answerd' is not usable; allowed: a known name; did you mean 'dialout-answered'",
    ):
        await daily_client.wait_for(["dialout-connected", "dialout-answerd"])
    with pytest.raises(
        ConfigurationError, match="'zzz' is not usable; allowed: a known name, one of joined-meeting, left-meeting"
    ):
        await daily_client.wait_for("zzz")


async def test_a_test_can_wait_for_events_of_a_room_that_it_has_not_joined(
    fake_daily: FakeDaily, phone_network: Network
) -> None:
    room = await fake_daily.create_room(sip={"sip_mode": "dial-in"})
    await fake_daily.join(await fake_daily.create_room(), user_name="elsewhere")
    await fake_daily.join(room, user_name="bot")
    ready = await fake_daily.wait_for("dialin-ready", room=room)
    assert ready["sipEndpoint"] == room.sip_uris[0]
    call = await (await phone_network.phone("+12065550199")).dial(ready["sipEndpoint"])
    connected, joined = await fake_daily.wait_for(["dialin-connected", "participant-joined"], room=room.name)
    assert connected["sipCallId"] == call.sip_call_id
    assert joined["participant"]["session_id"] == connected["sessionId"]
    with pytest.raises(ExpectationFailed, match="handed out by an earlier wait"):
        await fake_daily.wait_for("dialin-ready", room=room, within=0.05)
    with pytest.raises(ConfigurationError, match="did you mean 'dialin-ready'"):
        await fake_daily.wait_for("dialin-redy")
