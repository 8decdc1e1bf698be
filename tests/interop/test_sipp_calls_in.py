"""SIPp calls into a room through the one SIP address, over UDP and TCP, and presses keys in every way it can."""

from __future__ import annotations

import sys

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from tests.interop import sipp
from tests.interop.events import story
from tests.interop.program import Programs
from tests.interop.sipp import Sipp, Transport

pytestmark = pytest.mark.interop("sipp")

JOINED = ["dialin-connected", "participant-joined"]
GONE = ["participant-left", "dialin-stopped"]


async def has_gone(caller: Sipp, client: Client) -> list[str]:
    """Everything that the room heard of SIPp's call, once SIPp is content and the room says that it is over."""
    await caller.succeeds()
    stopped = await client.wait_for("dialin-stopped")
    connected = next(event for event in client.events if event["action"] == "dialin-connected")
    assert connected["sipCallId"] == stopped["sipCallId"] == caller.call_id
    return story(client.events, connected["sessionId"])


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_the_stock_caller_is_let_in_and_leaves(
    transport: Transport, programs: Programs, daily_room: RoomHandle, daily_client: Client
) -> None:
    caller = await sipp.call(programs, daily_room.sip_uris[0], transport=transport)

    assert await has_gone(caller, daily_client) == [*JOINED, *GONE]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_keys_by_sip_info_of_both_content_types(
    transport: Transport, programs: Programs, daily_room: RoomHandle, daily_client: Client
) -> None:
    caller = await sipp.call(programs, daily_room.sip_uris[0], "uac_info_digits", transport=transport)

    pressed = ["dtmf-event 7 sip-info", "dtmf-event * sip-info"]
    assert await has_gone(caller, daily_client) == [*JOINED, *pressed, *GONE]
    assert [info.header("Content-Type") for info in caller.requests("INFO")] == [
        "application/dtmf-relay",
        "application/dtmf",
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="the recordings lie where Debian's sip-tester puts them")
async def test_recorded_telephone_events_of_payload_type_101(
    programs: Programs, daily_room: RoomHandle, daily_client: Client
) -> None:
    caller = await sipp.call(programs, daily_room.sip_uris[0], "uac_pcap_digits")

    pressed = ["dtmf-event 5 telephone-event", "dtmf-event # telephone-event"]
    assert await has_gone(caller, daily_client) == [*JOINED, *pressed, *GONE]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_generated_telephone_events_of_payload_type_96(
    transport: Transport, programs: Programs, daily_room: RoomHandle, daily_client: Client
) -> None:
    caller = await sipp.call(programs, daily_room.sip_uris[0], "uac_dtmf_digits", transport=transport)

    pressed = [f"dtmf-event {key} telephone-event" for key in "9A#"]
    assert await has_gone(caller, daily_client) == [*JOINED, *pressed, *GONE]


async def test_headers_of_the_caller_reach_the_room(
    programs: Programs, daily_room: RoomHandle, daily_client: Client
) -> None:
    caller = await sipp.call(programs, daily_room.sip_uris[0], "uac_info_digits")
    connected = await daily_client.wait_for("dialin-connected")
    await has_gone(caller, daily_client)

    assert connected["sipHeaders"] == {"X-Peer": "SIPp"}
    assert connected["sipFrom"] == f"sip:sipp@127.0.0.1:{caller.port}"
    assert connected["sipEndpoint"] == daily_room.sip_uris[0]


async def test_a_room_that_prefers_another_codec_says_so(programs: Programs, fake_daily: FakeDaily) -> None:
    sip_settings = {"sip_mode": "dial-in", "display_name": "SIP caller", "codecs": {"audio": ["G722"]}}
    room = await fake_daily.create_room(sip=sip_settings)
    client = await fake_daily.join(room)
    caller = await sipp.call(programs, room.sip_uris[0])

    assert await has_gone(caller, client) == [*JOINED, "dialin-warning", *GONE]


async def test_a_room_that_nobody_has_is_refused_with_404(programs: Programs, daily_room: RoomHandle) -> None:
    address = daily_room.sip_uris[0].partition("@")[2]
    caller = await sipp.call(programs, f"sip:nobody.0@{address}")

    assert await caller.program.ends() != 0
    assert [message.start_line for message in caller.messages if not message.sent][-1] == "SIP/2.0 404 Not Found"
