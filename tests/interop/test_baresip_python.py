"""Calls from and to baresip-python: events, digits and tones in both directions, hold and resume, UDP and TCP."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from baresip.errors import CallBusy

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.audio.expectations import expect_tones
from simulator.network import Network
from simulator.useragent.messages import AudioCodec
from tests.interop import baresip_python
from tests.interop.baresip_python import DigitMethod, StackCall, Transport
from tests.interop.room_events import telephony_events, wait_for_media

STACK_HZ, OUR_HZ = 500.0, 700.0

DIALIN = ["dialin-connected", "participant-joined"]
DIALOUT = ["dialout-connected", "participant-joined", "dialout-answered"]
CLOSED_BY_FAR_END = "Connection reset by peer [104]"

both_transports = pytest.mark.parametrize("transport", ["udp", "tcp"])
both_methods = pytest.mark.parametrize("method", ["telephone-event", "sip-info"])
every_codec = pytest.mark.parametrize("codec", ["PCMU", "G722", "OPUS"])


def front_door_port(room: RoomHandle) -> int:
    return int(room.sip_uris[0].rpartition(":")[2])


def dtmf_events(digits: str, method: DigitMethod) -> list[str]:
    return [f"dtmf-event {digit} {method}" for digit in digits]


async def wait_for_caller(client: Client) -> dict[str, Any]:
    """Wait until a caller is a participant; return its event `dialin-connected`."""
    connected, _ = await client.wait_for(["dialin-connected", "participant-joined"])
    return connected


async def exchange_tones(call: StackCall, ours: Any) -> None:
    """Both sides send a tone and receive only the other's; `ours` is a client or a phone's call."""
    line = await call.audio_line()
    line.hum(STACK_HZ)
    await ours.hum(OUR_HZ)
    await asyncio.gather(ours.expect_tones({STACK_HZ}), expect_tones(line, {OUR_HZ}, alone=True, within=5))


@both_transports
async def test_dial_in_and_hang_up_by_the_caller(
    transport: Transport, phone_network: Network, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with baresip_python.running(transport=transport) as peer:
        uri = daily_room.sip_uris[0] + (";transport=tcp" if transport == "tcp" else "")
        call = await peer.dial(uri, {"X-Tenant": "acme"})
        connected = await wait_for_caller(daily_client)
        await wait_for_media(phone_network, connected["sessionId"])
        assert baresip_python.has_tcp_connection(front_door_port(daily_room)) == (transport == "tcp")
        await call.hang_up()
        stopped = await daily_client.wait_for("dialin-stopped")

    assert telephony_events(daily_client.events, connected["sessionId"]) == [
        *DIALIN,
        "participant-left",
        "dialin-stopped",
    ]
    assert connected["sipCallId"] == stopped["sipCallId"] == call.call_id
    assert connected["sipHeaders"] == {"X-Tenant": "acme"}
    assert connected["sipFrom"] == peer.uri


async def test_dial_in_and_ejection_of_the_caller(daily_room: RoomHandle, daily_client: Client) -> None:
    async with baresip_python.running() as peer:
        call = await peer.dial(daily_room.sip_uris[0])
        session_id = (await wait_for_caller(daily_client))["sessionId"]
        await daily_client.eject(session_id)
        assert await call.wait_ended() == CLOSED_BY_FAR_END
        await daily_client.wait_for("dialin-stopped")

    assert telephony_events(daily_client.events, session_id) == [*DIALIN, "participant-left", "dialin-stopped"]


@both_transports
async def test_dial_out_and_hang_up_by_the_room(transport: Transport, daily_client: Client) -> None:
    async with baresip_python.running(transport=transport, exposed_headers=["X-Tenant"]) as peer:
        uri = f"{peer.uri};transport={transport}?X-Tenant=acme"
        session_id = await daily_client.start_dialout({"sipUri": uri, "codecs": {"audio": ["PCMU"]}})
        call = await peer.wait_for_call()
        answered = await daily_client.wait_for("dialout-answered")
        assert baresip_python.has_tcp_connection(peer.port) == (transport == "tcp")
        await daily_client.stop_dialout(session_id)
        assert await call.wait_ended() == CLOSED_BY_FAR_END
        await daily_client.wait_for("dialout-stopped")

    assert telephony_events(daily_client.events, session_id) == [*DIALOUT, "participant-left", "dialout-stopped"]
    assert answered["sipCallId"] == call.call_id
    assert call.headers == {"X-Tenant": "acme"}


async def test_dial_out_and_hang_up_by_the_callee(daily_client: Client) -> None:
    async with baresip_python.running() as peer:
        session_id = await daily_client.start_dialout({"sipUri": peer.uri, "codecs": {"audio": ["PCMU"]}})
        call = await peer.wait_for_call()
        await daily_client.wait_for("dialout-answered")
        await call.hang_up()
        await daily_client.wait_for("dialout-stopped")

    assert telephony_events(daily_client.events, session_id) == [*DIALOUT, "participant-left", "dialout-stopped"]


async def test_dial_out_to_a_busy_callee(daily_client: Client) -> None:
    async with baresip_python.running() as peer:
        peer.plan = "busy"
        session_id = await daily_client.start_dialout({"sipUri": peer.uri})
        call = await peer.wait_for_call()
        error = await daily_client.wait_for("dialout-error")

    assert error["errorMsg"] == "DialOut failed with error: 486 Busy Here (busy)"
    assert error["sipCallId"] == call.call_id
    assert "dialout-answered" not in telephony_events(daily_client.events, session_id)


async def test_a_busy_phone_rejects_its_call_with_486(phone_network: Network) -> None:
    phone = await phone_network.phone("+12065550142", calls=["busy"])
    async with baresip_python.running() as peer:
        with pytest.raises(CallBusy) as raised:
            await peer.dial(f"sip:{phone.number}@{phone_network.address}")
    assert raised.value.status == 486


@both_methods
async def test_digits_in_both_directions_after_dial_in(
    method: DigitMethod, phone_network: Network, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with baresip_python.running(digits=method) as peer:
        call = await peer.dial(daily_room.sip_uris[0])
        session_id = (await wait_for_caller(daily_client))["sessionId"]
        await wait_for_media(phone_network, session_id)
        await exchange_digits(call, daily_client, session_id, method)


@both_methods
async def test_digits_in_both_directions_after_dial_out(method: DigitMethod, daily_client: Client) -> None:
    async with baresip_python.running(digits=method) as peer:
        session_id = await daily_client.start_dialout({"sipUri": peer.uri, "codecs": {"audio": ["PCMU"]}})
        call = await peer.wait_for_call()
        await daily_client.wait_for("dialout-answered")
        await exchange_digits(call, daily_client, session_id, method)


async def exchange_digits(call: StackCall, client: Client, session_id: str, method: DigitMethod) -> None:
    await call.send_digits("5D*#")
    await client.wait_for(["dtmf-event"] * 4)
    await client.send_dtmf({"sessionId": session_id, "tones": "2A8", "method": method, "digitDurationMs": 150})
    await call.wait_for_digits("2A8")
    received = [line for line in telephony_events(client.events, session_id) if line.startswith("dtmf-event")]
    assert received == dtmf_events("5D*#", method)


@every_codec
async def test_tones_in_both_directions_after_dial_in(
    codec: AudioCodec, fake_daily: FakeDaily, phone_network: Network
) -> None:
    room = await fake_daily.create_room(sip={"sip_mode": "dial-in", "codecs": {"audio": [codec]}})
    client = await fake_daily.join(room)
    async with baresip_python.running(codec) as peer:
        call = await peer.dial(room.sip_uris[0])
        session_id = (await wait_for_caller(client))["sessionId"]
        assert (await wait_for_media(phone_network, session_id)).fields["codec"] == codec
        await exchange_tones(call, client)


@every_codec
async def test_tones_in_both_directions_after_dial_out(
    codec: AudioCodec, phone_network: Network, daily_client: Client
) -> None:
    async with baresip_python.running(codec) as peer:
        session_id = await daily_client.start_dialout({"sipUri": peer.uri, "codecs": {"audio": [codec]}})
        call = await peer.wait_for_call()
        await daily_client.wait_for("dialout-answered")
        assert (await wait_for_media(phone_network, session_id)).fields["codec"] == codec
        await exchange_tones(call, daily_client)


@every_codec
async def test_tones_and_digits_in_a_call_to_a_phone(codec: AudioCodec, phone_network: Network) -> None:
    phone = await phone_network.phone("+12065550142", codecs=[codec])
    async with baresip_python.running(codec) as peer:
        call = await peer.dial(f"sip:{phone.number}@{phone_network.address}")
        phone_call = await phone.wait_for_call()
        assert (await phone_call.wait_answered()).codec == codec
        await exchange_tones(call, phone_call)
        await call.send_digits("4#")
        await phone_call.wait_for_digits("4#", method="telephone-event")
        await phone_call.press("9*", method="telephone-event")
        await call.wait_for_digits("9*")


async def test_it_holds_and_resumes_a_call_to_a_room(daily_room: RoomHandle, daily_client: Client) -> None:
    async with baresip_python.running() as peer:
        call = await peer.dial(daily_room.sip_uris[0])
        await wait_for_caller(daily_client)
        await exchange_tones(call, daily_client)
        await call.hold()
        await daily_client.expect_silence(0.4)
        await call.resume()
        line = await call.audio_line()
        await asyncio.gather(daily_client.expect_tones({STACK_HZ}), expect_tones(line, {OUR_HZ}, alone=True, within=5))


async def test_a_phone_holds_and_resumes_its_call(phone_network: Network) -> None:
    phone = await phone_network.phone("+12065550142", codecs=["PCMU"])
    async with baresip_python.running() as peer:
        call = await peer.dial(f"sip:{phone.number}@{phone_network.address}")
        phone_call = await phone.wait_for_call()
        await phone_call.wait_answered()
        await exchange_tones(call, phone_call)
        await phone_call.hold()
        await call.wait_held_by_far_end(True)
        await phone_call.expect_silence(0.4)
        await phone_call.resume()
        await call.wait_held_by_far_end(False)
        line = await call.audio_line()
        await asyncio.gather(phone_call.expect_tones({STACK_HZ}), expect_tones(line, {OUR_HZ}, alone=True, within=5))
