"""Room properties that show in events, in SIP and in webhooks."""

from __future__ import annotations

from fake_daily_server.handles.webhook_receiver import WebhookReceiver
from fake_daily_server.server import FakeDaily
from simulator.network import Network

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


async def test_enable_dialin_is_shown_and_provisions_no_endpoint(fake_daily: FakeDaily, phone_network: Network) -> None:
    room = await fake_daily.create_room(enable_dialin=True)
    assert room.config == {"enable_dialin": True}
    await fake_daily.join(room)
    caller = await phone_network.phone(CALLER)
    call = await caller.dial(f"sip:{room.name}.0@{phone_network.address}")
    assert (await call.wait_for_end()).status == 404


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
    assert (received["session_id"], received["error_msg"]) == (dialin_warning["sessionId"], dialin_warning["errorMsg"])
    received = (await daily_webhook.wait_for("dialout.warning"))["payload"]
    assert received["session_id"] == dialout_warning["sessionId"] == session_id
    assert received["destination"] == CALLER
    assert "error_msg" not in received
