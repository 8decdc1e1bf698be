"""Dial-in over real SIP: endpoints of rooms, and the events that clients receive about callers."""

from __future__ import annotations

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.errors import ExpectationFailed
from simulator.network import Network
from simulator.useragent.messages import AudioCodec
from tests.event_actions import actions

CALLER = "+12065550199"


async def test_a_caller_talks_and_hangs_up(
    fake_daily: FakeDaily, phone_network: Network, daily_room: RoomHandle, daily_client: Client
) -> None:
    ready = await daily_client.wait_for("dialin-ready")
    assert ready["sipEndpoint"] == daily_room.sip_uris[0]
    caller = await phone_network.phone(CALLER)
    call = await caller.dial(ready["sipEndpoint"], headers={"X-Account": "77", "Subject": "hello"})
    await call.wait_answered()
    connected, joined = await daily_client.wait_for(["dialin-connected", "participant-joined"])
    await call.hang_up()
    left, stopped = await daily_client.wait_for(["participant-left", "dialin-stopped"])

    for event in (connected, stopped):
        assert event["sipCallId"] == call.sip_call_id
        assert event["sipFrom"] == f"sip:{CALLER}@127.0.0.1", "From has no port (RFC 3261 §19.1.1)"
        assert event["sipEndpoint"] == ready["sipEndpoint"]
        assert event["sipHeaders"] == {"X-Account": "77"}
        assert event["provider"] == "daily"
    participant = joined["participant"]
    assert participant["session_id"] == connected["sessionId"] == left["participant"]["session_id"]
    assert participant["participantType"] == "sip-dial-in"
    assert participant["user_name"] == "SIP caller"


@pytest.mark.parametrize(
    ("encoded", "name"),
    [
        ("my%20user%20name", "my user name"),
        ("Zo%C3%AB%20%26%20Co%3B%20%2B1%20(206)%3F%20x%3Dy%20%22q%22", 'Zoë & Co; +1 (206)? x=y "q"'),
        ("100%25", "100%"),
    ],
)
async def test_the_display_name_can_be_dialled(
    phone_network: Network, daily_room: RoomHandle, daily_client: Client, encoded: str, name: str
) -> None:
    """`encoded` is what JavaScript's encodeURIComponent makes of `name`."""
    caller = await phone_network.phone(CALLER)
    await caller.dial(f"{daily_room.sip_uris[0]}?x-daily_display_name={encoded}")
    joined = await daily_client.wait_for("participant-joined", where={"participant.participantType": "sip-dial-in"})
    assert joined["participant"]["user_name"] == name


async def test_the_caller_has_media_when_its_participant_joins(
    phone_network: Network, daily_room: RoomHandle, daily_client: Client
) -> None:
    caller = await phone_network.phone(CALLER)
    await daily_client.hum(700)
    call = await caller.dial(daily_room.sip_uris[0])
    await daily_client.wait_for(["dialin-connected", "participant-joined"])
    await call.hum(440)
    await daily_client.expect_tones({440})
    await call.expect_tones({700})


@pytest.mark.parametrize("endpoint", ["sip:nobody.0@{fd}", "sip:{room}.1@{fd}", "sip:what@{fd}", "sip:{room}.x@{fd}"])
async def test_an_unknown_endpoint_is_404(
    phone_network: Network, daily_room: RoomHandle, daily_client: Client, endpoint: str
) -> None:
    caller = await phone_network.phone(CALLER)
    call = await caller.dial(endpoint.format(room=daily_room.name, fd=phone_network.address))
    assert (await call.wait_for_end()).status == 404
    assert [event for event in daily_client.events if event["action"].startswith("dialin-c")] == []


async def test_nobody_in_the_room_is_480(phone_network: Network, daily_room: RoomHandle) -> None:
    caller = await phone_network.phone(CALLER)
    call = await caller.dial(daily_room.sip_uris[0])
    assert (await call.wait_for_end()).status == 480
    with pytest.raises(ExpectationFailed, match="ended with 480"):
        await call.wait_answered()


async def test_an_endpoint_takes_one_caller_at_a_time_and_can_be_redialled(
    phone_network: Network, daily_room: RoomHandle, daily_client: Client
) -> None:
    first = await phone_network.phone(CALLER)
    second = await phone_network.phone("+12065550198")
    talking = await first.dial(daily_room.sip_uris[0])
    await talking.wait_answered()
    refused = await second.dial(daily_room.sip_uris[0])
    assert (await refused.wait_for_end()).status == 486
    await talking.hang_up()
    await daily_client.wait_for("dialin-stopped")
    again = await second.dial(daily_room.sip_uris[0])
    await again.wait_answered()
    await daily_client.wait_for(["dialin-connected", "dialin-connected"])
    assert [event["action"] for event in daily_client.events].count("dialin-ready") == 1


async def test_endpoints_are_independent(fake_daily: FakeDaily, phone_network: Network) -> None:
    room = await fake_daily.create_room(sip={"sip_mode": "dial-in", "num_endpoints": 2})
    client = await fake_daily.join(room)
    ready = await client.wait_for(["dialin-ready", "dialin-ready"])
    assert [event["sipEndpoint"] for event in ready] == room.sip_uris
    for number, endpoint in zip((CALLER, "+12065550198"), room.sip_uris, strict=True):
        caller = await phone_network.phone(number)
        await (await caller.dial(endpoint)).wait_answered()
        await client.wait_for("dialin-connected", where={"sipEndpoint": endpoint})


async def test_the_end_of_the_session_hangs_up_the_caller(
    phone_network: Network, daily_room: RoomHandle, daily_client: Client
) -> None:
    caller = await phone_network.phone(CALLER)
    call = await caller.dial(daily_room.sip_uris[0])
    await call.wait_answered()
    await daily_client.leave()
    assert (await call.wait_for_end()).by == "remote"
    refused = await caller.dial(daily_room.sip_uris[0])
    assert (await refused.wait_for_end()).status == 480


@pytest.mark.parametrize("codec", ["OPUS", "G722", "PCMU", "PCMA"])
async def test_a_room_that_names_no_codec_takes_any_without_a_warning(
    fake_daily: FakeDaily, phone_network: Network, codec: AudioCodec
) -> None:
    room = await fake_daily.create_room(sip={"sip_mode": "dial-in"})
    client = await fake_daily.join(room)
    caller = await phone_network.phone(CALLER, codecs=[codec])
    call = await caller.dial(room.sip_uris[0])
    assert (await call.wait_answered()).codec == codec
    await client.wait_for("participant-joined", where={"participant.participantType": "sip-dial-in"})
    await call.hang_up()
    await client.wait_for("dialin-stopped")
    assert "dialin-warning" not in actions(client.events)


async def test_the_codec_of_the_room_is_preferred_and_a_fallback_leads_to_a_warning(
    fake_daily: FakeDaily, phone_network: Network
) -> None:
    room = await fake_daily.create_room(sip={"sip_mode": "dial-in", "codecs": {"audio": ["G722"]}})
    client = await fake_daily.join(room)
    wide = await phone_network.phone(CALLER, codecs=["PCMU", "G722"])
    call = await wide.dial(room.sip_uris[0])
    assert (await call.wait_answered()).codec == "G722"
    await call.hang_up()
    await client.wait_for("dialin-stopped")
    assert "dialin-warning" not in [event["action"] for event in client.events]

    narrow = await phone_network.phone("+12065550198", codecs=["PCMA"])
    call = await narrow.dial(room.sip_uris[0])
    assert (await call.wait_answered()).codec == "PCMA"
    await client.wait_for(["dialin-connected", "participant-joined", "dialin-warning"])


async def test_a_call_without_a_common_codec_is_start_failed(
    phone_network: Network, daily_room: RoomHandle, daily_client: Client
) -> None:
    caller = await phone_network.phone(CALLER, codecs=["GSM"])
    call = await caller.dial(daily_room.sip_uris[0])
    assert (await call.wait_for_end()).status == 488
    error = await daily_client.wait_for("dialin-error")
    assert error["type"] == "start-failed"
    assert error["details"] == {"sipEndpoint": daily_room.sip_uris[0]}
    assert not any(event.get("participant", {}).get("participantType") for event in daily_client.events)
