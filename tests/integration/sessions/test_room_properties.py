"""Room properties that show in events, in SIP and in webhooks."""

from __future__ import annotations

from typing import Any

import httpx

from fake_daily_server.handles.webhook_receiver import WebhookReceiver
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from simulator.network import Network
from tests.event_actions import actions

CALLER = "+12065550199"


async def test_events_of_callers_have_the_provider_of_the_room(fake_daily: FakeDaily, phone_network: Network) -> None:
    room = await fake_daily.create_room(sip={"provider": "signalwire"}, enable_dialout=True)
    client = await fake_daily.join(room)
    assert (await client.wait_for("dialin-ready"))["provider"] == "signalwire"
    caller = await phone_network.phone(CALLER)
    call = await caller.dial(room.sip_uris[0])
    assert (await client.wait_for("dialin-connected"))["provider"] == "signalwire"
    await call.hang_up()
    assert (await client.wait_for("dialin-stopped"))["provider"] == "signalwire"


async def test_enable_dialin_alone_provisions_an_endpoint(fake_daily: FakeDaily, phone_network: Network) -> None:
    room = await fake_daily.create_room(enable_dialin=True)
    assert room.config == {"enable_dialin": True, "sip_uri": {"endpoint": room.sip_uris[0]}}
    client = await fake_daily.join(room)
    assert (await client.wait_for("dialin-ready"))["sipEndpoint"] == room.sip_uris[0]
    caller = await phone_network.phone(CALLER)
    await (await caller.dial(room.sip_uris[0])).wait_answered()


async def test_enable_dialin_false_closes_the_endpoints_of_sip(fake_daily: FakeDaily, phone_network: Network) -> None:
    room = await fake_daily.create_room(enable_dialin=False, sip={"num_endpoints": 2})
    client = await fake_daily.join(room)
    caller = await phone_network.phone(CALLER)
    for uri in room.sip_uris:
        assert (await (await caller.dial(uri)).wait_for_end()).status == 480
    assert "dialin-ready" not in actions(client.events)
    refused = [
        record.fields["because"] for record in fake_daily.timeline.records(kind="sip") if "refused" in record.fields
    ]
    assert refused == ["the room's enable_dialin is false, which closes its endpoints"] * 2


async def test_by_setting_enable_dialin_is_only_shown() -> None:
    async with FakeDaily(Settings(port=0, sip_port=0, enable_dialin="echoed")) as daily:
        room = await daily.create_room(enable_dialin=True)
        assert (room.config, room.sip_uris) == ({"enable_dialin": True}, [])
        await daily.join(room)
        caller = await daily.network.phone(CALLER)
        call = await caller.dial(f"sip:{room.name}.0@{daily.network.address}")
        assert (await call.wait_for_end()).status == 404


async def test_endpoints_that_are_opened_during_a_session_are_announced(
    fake_daily: FakeDaily, phone_network: Network, daily_api: httpx.AsyncClient
) -> None:
    room = await fake_daily.create_room()
    client = await fake_daily.join(room)

    async def change(**properties: Any) -> None:
        (await daily_api.post(f"/rooms/{room.name}", json={"properties": properties})).raise_for_status()

    await change(sip={"num_endpoints": 1})
    assert (await client.wait_for("dialin-ready"))["sipEndpoint"] == room.sip_uris[0]
    await change(sip={"num_endpoints": 3})
    opened = await client.wait_for(["dialin-ready", "dialin-ready"])
    assert [event["sipEndpoint"] for event in opened] == room.sip_uris[1:]
    caller = await phone_network.phone(CALLER)
    await (await caller.dial(room.sip_uris[2])).wait_answered()
    await change(enable_dialin=False)
    assert (await (await caller.dial(room.sip_uris[1])).wait_for_end()).status == 480
    await change(enable_dialin=None)
    opened = await client.wait_for(["dialin-ready"] * 3)
    assert [event["sipEndpoint"] for event in opened] == room.sip_uris


async def test_codec_fallbacks_are_sent_to_webhooks_too(
    fake_daily: FakeDaily, phone_network: Network, daily_webhook: WebhookReceiver
) -> None:
    room = await fake_daily.create_room(enable_dialout=True, sip={"codecs": {"audio": ["G722"]}})
    client = await fake_daily.join(room)
    phone = await phone_network.phone(CALLER, codecs=["PCMA"])
    call = await phone.dial(room.sip_uris[0])
    dialin_warning = await client.wait_for("dialin-warning")
    await call.hang_up()
    session_id = await client.start_dialout({"phoneNumber": CALLER, "codecs": {"audio": ["G722"]}})
    dialout_warning = await client.wait_for("dialout-warning")

    received = (await daily_webhook.wait_for("dialin.warning"))["payload"]
    assert set(received) == {"domain_id", "room", "timestamp", "session_id", "error_msg"}
    assert (received["session_id"], received["error_msg"]) == (dialin_warning["sessionId"], dialin_warning["errorMsg"])
    received = (await daily_webhook.wait_for("dialout.warning"))["payload"]
    assert received["session_id"] == dialout_warning["sessionId"] == session_id
    assert received["destination"] == CALLER
    assert "error_msg" not in received
