"""An independent SIP stack calls and is called: events, keys and tones both ways, hold and resume, UDP and TCP."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from baresip.errors import CallBusy

from fake_daily_server.client import Client
from fake_daily_server.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.audio.expectations import expect_tones
from simulator.network import Network
from simulator.useragent.messages import AudioCodec
from tests.interop import independent_stack
from tests.interop.events import media_is_up, story
from tests.interop.independent_stack import DigitMethod, Talk, Transport

ITS_HZ, OUR_HZ = 500.0, 700.0

CALLED_IN = ["dialin-connected", "participant-joined"]
CALLED_OUT = ["dialout-connected", "participant-joined", "dialout-answered"]
CLOSED_BY_FAR_END = "Connection reset by peer [104]"

both_transports = pytest.mark.parametrize("transport", ["udp", "tcp"])
both_methods = pytest.mark.parametrize("method", ["telephone-event", "sip-info"])
every_codec = pytest.mark.parametrize("codec", ["PCMU", "G722", "OPUS"])


def front_door(room: RoomHandle) -> int:
    return int(room.sip_uris[0].rpartition(":")[2])


def pressed(keys: str, method: DigitMethod) -> list[str]:
    return [f"dtmf-event {key} {method}" for key in keys]


async def arrival(client: Client) -> dict[str, Any]:
    """The `dialin-connected` of a caller who has become a participant."""
    connected, _ = await client.wait_for(["dialin-connected", "participant-joined"])
    return connected


async def hear_each_other(talk: Talk, ours: Any) -> None:
    """Each hears the other's tone and nothing else; `ours` is a client or a call of a phone."""
    line = await talk.line()
    line.hum(ITS_HZ)
    await ours.hum(OUR_HZ)
    await asyncio.gather(ours.expect_tones({ITS_HZ}), expect_tones(line, {OUR_HZ}, alone=True, within=5))


@both_transports
async def test_it_calls_into_a_room(
    transport: Transport, phone_network: Network, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with independent_stack.running(transport=transport) as peer:
        uri = daily_room.sip_uris[0] + (";transport=tcp" if transport == "tcp" else "")
        talk = await peer.dial(uri, {"X-Tenant": "acme"})
        connected = await arrival(daily_client)
        await media_is_up(phone_network, connected["sessionId"])
        assert independent_stack.tcp_is_up(front_door(daily_room)) == (transport == "tcp")
        await talk.hang_up()
        stopped = await daily_client.wait_for("dialin-stopped")

    assert story(daily_client.events, connected["sessionId"]) == [*CALLED_IN, "participant-left", "dialin-stopped"]
    assert connected["sipCallId"] == stopped["sipCallId"] == talk.call_id
    assert connected["sipHeaders"] == {"X-Tenant": "acme"}
    assert connected["sipFrom"] == peer.uri


async def test_the_room_hangs_up_on_it(daily_room: RoomHandle, daily_client: Client) -> None:
    async with independent_stack.running() as peer:
        talk = await peer.dial(daily_room.sip_uris[0])
        session_id = (await arrival(daily_client))["sessionId"]
        await daily_client.eject(session_id)
        assert await talk.is_over() == CLOSED_BY_FAR_END
        await daily_client.wait_for("dialin-stopped")

    assert story(daily_client.events, session_id) == [*CALLED_IN, "participant-left", "dialin-stopped"]


@both_transports
async def test_it_is_called_from_a_room(transport: Transport, daily_client: Client) -> None:
    async with independent_stack.running(transport=transport, shown_headers=["X-Tenant"]) as peer:
        uri = f"{peer.uri};transport={transport}?X-Tenant=acme"
        session_id = await daily_client.start_dialout({"sipUri": uri, "codecs": {"audio": ["PCMU"]}})
        talk = await peer.is_called()
        answered = await daily_client.wait_for("dialout-answered")
        assert independent_stack.tcp_is_up(peer.port) == (transport == "tcp")
        await daily_client.stop_dialout(session_id)
        assert await talk.is_over() == CLOSED_BY_FAR_END
        await daily_client.wait_for("dialout-stopped")

    assert story(daily_client.events, session_id) == [*CALLED_OUT, "participant-left", "dialout-stopped"]
    assert answered["sipCallId"] == talk.call_id
    assert talk.headers == {"X-Tenant": "acme"}


async def test_it_hangs_up_on_the_room(daily_client: Client) -> None:
    async with independent_stack.running() as peer:
        session_id = await daily_client.start_dialout({"sipUri": peer.uri, "codecs": {"audio": ["PCMU"]}})
        talk = await peer.is_called()
        await daily_client.wait_for("dialout-answered")
        await talk.hang_up()
        await daily_client.wait_for("dialout-stopped")

    assert story(daily_client.events, session_id) == [*CALLED_OUT, "participant-left", "dialout-stopped"]


async def test_it_is_busy(daily_client: Client) -> None:
    async with independent_stack.running() as peer:
        peer.plan = "busy"
        session_id = await daily_client.start_dialout({"sipUri": peer.uri})
        talk = await peer.is_called()
        error = await daily_client.wait_for("dialout-error")

    assert error["errorMsg"] == "DialOut failed with error: 486 Busy Here (busy)"
    assert error["sipCallId"] == talk.call_id
    assert "dialout-answered" not in story(daily_client.events, session_id)


async def test_a_busy_phone_is_busy_for_it(phone_network: Network) -> None:
    phone = await phone_network.phone("+12065550142", calls=["busy"])
    async with independent_stack.running() as peer:
        with pytest.raises(CallBusy) as refused:
            await peer.dial(f"sip:{phone.number}@{phone_network.address}")
    assert refused.value.status == 486


@both_methods
async def test_keys_both_ways_in_a_call_into_a_room(
    method: DigitMethod, phone_network: Network, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with independent_stack.running(digits=method) as peer:
        talk = await peer.dial(daily_room.sip_uris[0])
        session_id = (await arrival(daily_client))["sessionId"]
        await media_is_up(phone_network, session_id)
        await keys_both_ways(talk, daily_client, session_id, method)


@both_methods
async def test_keys_both_ways_in_a_call_out_of_a_room(method: DigitMethod, daily_client: Client) -> None:
    async with independent_stack.running(digits=method) as peer:
        session_id = await daily_client.start_dialout({"sipUri": peer.uri, "codecs": {"audio": ["PCMU"]}})
        talk = await peer.is_called()
        await daily_client.wait_for("dialout-answered")
        await keys_both_ways(talk, daily_client, session_id, method)


async def keys_both_ways(talk: Talk, client: Client, session_id: str, method: DigitMethod) -> None:
    await talk.press("5D*#")
    await client.wait_for(["dtmf-event"] * 4)
    await client.send_dtmf({"sessionId": session_id, "tones": "2A8", "method": method, "digitDurationMs": 150})
    await talk.hears("2A8")
    keys = [line for line in story(client.events, session_id) if line.startswith("dtmf-event")]
    assert keys == pressed("5D*#", method)


@every_codec
async def test_tones_both_ways_in_a_call_into_a_room(
    codec: AudioCodec, fake_daily: FakeDaily, phone_network: Network
) -> None:
    room = await fake_daily.create_room(sip={"sip_mode": "dial-in", "codecs": {"audio": [codec]}})
    client = await fake_daily.join(room)
    async with independent_stack.running(codec) as peer:
        talk = await peer.dial(room.sip_uris[0])
        session_id = (await arrival(client))["sessionId"]
        assert (await media_is_up(phone_network, session_id)).fields["codec"] == codec
        await hear_each_other(talk, client)


@every_codec
async def test_tones_both_ways_in_a_call_out_of_a_room(
    codec: AudioCodec, phone_network: Network, daily_client: Client
) -> None:
    async with independent_stack.running(codec) as peer:
        session_id = await daily_client.start_dialout({"sipUri": peer.uri, "codecs": {"audio": [codec]}})
        talk = await peer.is_called()
        await daily_client.wait_for("dialout-answered")
        assert (await media_is_up(phone_network, session_id)).fields["codec"] == codec
        await hear_each_other(talk, daily_client)


@every_codec
async def test_it_talks_with_a_phone(codec: AudioCodec, phone_network: Network) -> None:
    phone = await phone_network.phone("+12065550142", codecs=[codec])
    async with independent_stack.running(codec) as peer:
        talk = await peer.dial(f"sip:{phone.number}@{phone_network.address}")
        call = await phone.wait_for_call()
        assert (await call.wait_answered()).codec == codec
        await hear_each_other(talk, call)
        await talk.press("4#")
        await call.wait_for_digits("4#", method="telephone-event")
        await call.press("9*", method="telephone-event")
        await talk.hears("9*")


async def test_it_holds_the_room_and_comes_back(daily_room: RoomHandle, daily_client: Client) -> None:
    async with independent_stack.running() as peer:
        talk = await peer.dial(daily_room.sip_uris[0])
        await arrival(daily_client)
        await hear_each_other(talk, daily_client)
        await talk.hold()
        await daily_client.expect_silence(0.4)
        await talk.resume()
        line = await talk.line()
        await asyncio.gather(daily_client.expect_tones({ITS_HZ}), expect_tones(line, {OUR_HZ}, alone=True, within=5))


async def test_a_phone_holds_it_and_comes_back(phone_network: Network) -> None:
    phone = await phone_network.phone("+12065550142", codecs=["PCMU"])
    async with independent_stack.running() as peer:
        talk = await peer.dial(f"sip:{phone.number}@{phone_network.address}")
        call = await phone.wait_for_call()
        await call.wait_answered()
        await hear_each_other(talk, call)
        await call.hold()
        await talk.is_held(True)
        await call.expect_silence(0.4)
        await call.resume()
        await talk.is_held(False)
        line = await talk.line()
        await asyncio.gather(call.expect_tones({ITS_HZ}), expect_tones(line, {OUR_HZ}, alone=True, within=5))
