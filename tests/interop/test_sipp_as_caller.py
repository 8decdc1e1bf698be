"""SIPp calls into a room through the front door, over UDP and TCP, and sends digits in every way it can."""

from __future__ import annotations

import sys

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from tests.interop import sipp
from tests.interop.program import Programs
from tests.interop.room_events import telephony_events
from tests.interop.sipp import Sipp, Transport

pytestmark = pytest.mark.interop("sipp")

JOINED = ["dialin-connected", "participant-joined"]
LEFT = ["participant-left", "dialin-stopped"]


async def wait_for_end(caller: Sipp, client: Client) -> list[str]:
    """Wait until SIPp's call has succeeded and ended; return the room's events of the call."""
    await caller.wait_for_success()
    stopped = await client.wait_for("dialin-stopped")
    connected = next(event for event in client.events if event["action"] == "dialin-connected")
    assert connected["sipCallId"] == stopped["sipCallId"] == caller.call_id
    return telephony_events(client.events, connected["sessionId"])


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_the_stock_caller_joins_and_leaves(
    transport: Transport, programs: Programs, daily_room: RoomHandle, daily_client: Client
) -> None:
    caller = await sipp.call(programs, daily_room.sip_uris[0], transport=transport)

    assert await wait_for_end(caller, daily_client) == [*JOINED, *LEFT]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_digits_by_sip_info_with_both_content_types(
    transport: Transport, programs: Programs, daily_room: RoomHandle, daily_client: Client
) -> None:
    caller = await sipp.call(programs, daily_room.sip_uris[0], "uac_info_digits", transport=transport)

    digits = ["dtmf-event 7 sip-info", "dtmf-event * sip-info"]
    assert await wait_for_end(caller, daily_client) == [*JOINED, *digits, *LEFT]
    assert [info.header("Content-Type") for info in caller.requests("INFO")] == [
        "application/dtmf-relay",
        "application/dtmf",
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="the path of the recordings is that of Debian's sip-tester")
async def test_recorded_telephone_events_with_payload_type_101(
    programs: Programs, daily_room: RoomHandle, daily_client: Client
) -> None:
    caller = await sipp.call(programs, daily_room.sip_uris[0], "uac_pcap_digits")

    digits = ["dtmf-event 5 telephone-event", "dtmf-event # telephone-event"]
    assert await wait_for_end(caller, daily_client) == [*JOINED, *digits, *LEFT]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_generated_telephone_events_with_payload_type_96(
    transport: Transport, programs: Programs, daily_room: RoomHandle, daily_client: Client
) -> None:
    caller = await sipp.call(programs, daily_room.sip_uris[0], "uac_dtmf_digits", transport=transport)

    digits = [f"dtmf-event {digit} telephone-event" for digit in "9A#"]
    assert await wait_for_end(caller, daily_client) == [*JOINED, *digits, *LEFT]


async def test_x_headers_of_the_caller_are_in_dialin_connected(
    programs: Programs, daily_room: RoomHandle, daily_client: Client
) -> None:
    caller = await sipp.call(programs, daily_room.sip_uris[0], "uac_info_digits")
    connected = await daily_client.wait_for("dialin-connected")
    await wait_for_end(caller, daily_client)

    assert connected["sipHeaders"] == {"X-Peer": "SIPp"}
    assert connected["sipFrom"] == f"sip:sipp@127.0.0.1:{caller.port}"
    assert connected["sipEndpoint"] == daily_room.sip_uris[0]


async def test_a_room_with_another_preferred_codec_sends_a_warning(programs: Programs, fake_daily: FakeDaily) -> None:
    sip_settings = {"sip_mode": "dial-in", "display_name": "SIP caller", "codecs": {"audio": ["G722"]}}
    room = await fake_daily.create_room(sip=sip_settings)
    client = await fake_daily.join(room)
    caller = await sipp.call(programs, room.sip_uris[0])

    assert await wait_for_end(caller, client) == [*JOINED, "dialin-warning", *LEFT]


async def test_a_call_to_an_unknown_room_gets_404(programs: Programs, daily_room: RoomHandle) -> None:
    address = daily_room.sip_uris[0].partition("@")[2]
    caller = await sipp.call(programs, f"sip:nobody.0@{address}")

    assert await caller.program.wait_for_exit() != 0
    assert [message.start_line for message in caller.messages if not message.sent][-1] == "SIP/2.0 404 Not Found"
