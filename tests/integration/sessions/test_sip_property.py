"""The property `sip` of a room: without it there is no dial-in, with it an endpoint for each of `num_endpoints`."""

from __future__ import annotations

import httpx

from fake_daily_server.server import FakeDaily
from simulator.network import Network
from tests.event_actions import actions

CALLER = "+12065550199"


async def test_a_room_without_sip_has_no_endpoint_and_no_dialin_ready(
    fake_daily: FakeDaily, phone_network: Network
) -> None:
    room = await fake_daily.create_room()
    client = await fake_daily.join(room)
    caller = await phone_network.phone(CALLER)
    call = await caller.dial(f"sip:{room.name}.0@{fake_daily.gateway.address}")
    assert (await call.wait_for_end()).status == 404
    assert room.sip_uris == []
    assert "dialin-ready" not in actions(client.events)


async def test_sip_null_disables_sip(fake_daily: FakeDaily, phone_network: Network) -> None:
    room = await fake_daily.create_room(sip={"sip_mode": "dial-in", "display_name": "SIP Participant"})
    (endpoint,) = room.sip_uris
    headers = {"Authorization": f"Bearer {fake_daily.api_key}"}
    async with httpx.AsyncClient(base_url=fake_daily.api_url, headers=headers, trust_env=False) as api:
        changed = await api.post(f"/rooms/{room.name}", json={"properties": {"sip": None}})
    assert changed.json()["config"] == {}
    client = await fake_daily.join(room)
    caller = await phone_network.phone(CALLER)
    assert (await (await caller.dial(endpoint)).wait_for_end()).status == 404
    assert "dialin-ready" not in actions(client.events)


async def test_dialin_ready_is_sent_for_each_endpoint(fake_daily: FakeDaily) -> None:
    room = await fake_daily.create_room(sip={"num_endpoints": 3})
    client = await fake_daily.join(room)
    ready = await client.wait_for(["dialin-ready"] * 3)
    shown = room.config["sip_uri"]
    assert [event["sipEndpoint"] for event in ready] == [shown["endpoint"], *shown["extra_endpoints"]] == room.sip_uris


async def test_calls_without_sip_video_are_audio_only(fake_daily: FakeDaily, phone_network: Network) -> None:
    room = await fake_daily.create_room(sip={"sip_mode": "dial-in"})
    client = await fake_daily.join(room)
    caller = await phone_network.phone(CALLER, video=("VP8",))
    call = await caller.dial((await client.wait_for("dialin-ready"))["sipEndpoint"])
    await call.wait_answered()
    assert call.video_seen is None
