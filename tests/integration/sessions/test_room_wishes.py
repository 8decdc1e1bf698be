"""What a room's properties say, and where it shows."""

from __future__ import annotations

from fake_daily_server.handles.webhook_receiver import WebhookReceiver
from fake_daily_server.server import FakeDaily
from simulator.network import Network

CALLER = "+12065550199"


async def test_the_provider_of_a_room_is_that_of_its_callers(fake_daily: FakeDaily, phone_network: Network) -> None:
    room = await fake_daily.create_room(sip={"provider": "signalwire"}, enable_dialout=True)
    client = await fake_daily.join(room)
    assert (await client.wait_for("dialin-ready"))["provider"] == "signalwire"
    caller = await phone_network.phone(CALLER)
    call = await caller.dial(room.sip_uris[0])
    assert (await client.wait_for("dialin-connected"))["provider"] == "signalwire"
    await call.hang_up()
    assert (await client.wait_for("dialin-stopped"))["provider"] == "signalwire"


async def test_enable_dialin_is_echoed_and_opens_nothing(fake_daily: FakeDaily, phone_network: Network) -> None:
    room = await fake_daily.create_room(enable_dialin=True)
    assert room.config == {"enable_dialin": True}
    await fake_daily.join(room)
    caller = await phone_network.phone(CALLER)
    call = await caller.dial(f"sip:{room.name}.0@{phone_network.address}")
    assert (await call.wait_for_end()).status == 404


async def test_fallbacks_are_told_to_webhooks_too(
    fake_daily: FakeDaily, phone_network: Network, daily_webhook: WebhookReceiver
) -> None:
    room = await fake_daily.create_room(enable_dialout=True, sip={"codecs": {"audio": ["G722"]}})
    client = await fake_daily.join(room)
    phone = await phone_network.phone(CALLER, codecs=["PCMA"])
    call = await phone.dial(room.sip_uris[0])
    inward = await client.wait_for("dialin-warning")
    await call.hang_up()
    session_id = await client.start_dialout({"phoneNumber": CALLER, "codecs": {"audio": ["G722"]}})
    outward = await client.wait_for("dialout-warning")

    told_in = (await daily_webhook.wait_for("dialin.warning"))["payload"]
    assert (told_in["session_id"], told_in["error_msg"]) == (inward["sessionId"], inward["errorMsg"])
    told_out = (await daily_webhook.wait_for("dialout.warning"))["payload"]
    assert told_out["session_id"] == outward["sessionId"] == session_id
    assert told_out["destination"] == CALLER
    assert "error_msg" not in told_out
