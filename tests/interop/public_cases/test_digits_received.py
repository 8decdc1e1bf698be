"""Digits that peers send in ways that RFC 4733 and SIP INFO do not foresee: each is one dtmf-event."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.dtmf_senders import BAD_SENDERS, EventPacket, digit_packets
from tests.interop import sipp
from tests.interop.program import Programs
from tests.interop.public_cases.raw_calls import RawCall, dialled_in

RECORDINGS = Path("/usr/share/sip-tester")
PLAIN = ("new-stream-same-timestamp", "timestamps-stand-still", "timestamps-stand-still-no-marker")
SIBLINGS = ("new-stream-in-mid-digit", "duration-wraps", "duration-stops", "updates-after-the-end")


@pytest.mark.interop("sipp")
@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are those of Debian's sip-tester")
async def test_sipps_recordings_are_heard_each_time_they_are_played(
    programs: Programs, daily_room: RoomHandle, daily_client: Client
) -> None:
    caller = await sipp.call(programs, daily_room.sip_uris[0], "uac_pcap_repeated")

    await caller.wait_for_success()
    await daily_client.wait_for("dialin-stopped")
    assert tones(daily_client) == "112"


@pytest.mark.parametrize("name", [*PLAIN, *SIBLINGS])
async def test_a_sender_that_repeats_or_loses_its_timestamps(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, name: str
) -> None:
    sender = BAD_SENDERS[name]
    async with dialled_in(fake_daily, daily_room, daily_client) as call:
        await send(call, daily_client, sender.train)
    assert tones(daily_client) == "".join(digit.digit for digit in sender.expected)
    heard = [record.fields["duration_ms"] for record in fake_daily.timeline.records(kind="digit")]
    for duration_ms, digit in zip(heard, sender.expected, strict=False):  # the last one heard is that of `send`
        assert abs(duration_ms - digit.duration_ms) <= 20


async def test_a_recording_played_again_after_two_seconds(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    """The same as with SIPp's recordings, but with a pause after which the receiver has settled everything."""
    train = BAD_SENDERS["textbook"].train
    async with dialled_in(fake_daily, daily_room, daily_client) as call:
        later = tuple(replace(packet, at_ms=packet.at_ms + 2000, repeats=index) for index, packet in enumerate(train))
        await send(call, daily_client, (*train, *later))
    assert tones(daily_client) == "55"


@pytest.mark.parametrize(
    ("content_type", "body", "digit"),
    [
        ("application/dtmf-relay", "signal=7", "7"),
        ("application/dtmf-relay", "SIGNAL=7\r\nDURATION=160\r\n", "7"),
        ("application/dtmf-relay", " Signal = #\r\n Duration = 160\r\n", "#"),
        ("application/dtmf-relay", "Signal=5\rDuration=160", "5"),
        ("application/dtmf-relay", "Duration=160\nX-Other=1\nSignal=a\n", "A"),
        ("application/dtmf-relay", "Signal=5\r\nDuration=12345678901234567890\r\n", "5"),
        ("application/dtmf-relay", "Signal=5\r\nDuration=160 ms\r\n", "5"),
        ("application/dtmf", "signal=11", "#"),
        ("application/dtmf", " 9 \r\n", "9"),
    ],
)
async def test_spellings_of_info_bodies(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, content_type: str, body: str, digit: str
) -> None:
    async with dialled_in(fake_daily, daily_room, daily_client) as call:
        await call.dialog.request("INFO", body, content_type=content_type)
        response = await call.agent.receive("SIP/2.0 ")
        assert response.start == "SIP/2.0 200 OK"
        event = await daily_client.wait_for("dtmf-event")
    assert (event["tone"], event["method"]) == (digit, "sip-info")


async def test_a_body_without_a_digit_is_refused_and_recorded(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with dialled_in(fake_daily, daily_room, daily_client) as call:
        for body in ("Signal: 7", "Signal=77", "Signal=", "hello"):
            await call.dialog.request("INFO", body, content_type="application/dtmf-relay")
            assert (await call.agent.receive("SIP/2.0 ")).start.startswith("SIP/2.0 400")
    records = [str(record) for record in fake_daily.timeline.records(kind="sip")]
    assert sum("INFO application/dtmf-relay: 400" in record for record in records) == 4
    assert tones(daily_client) == ""


@pytest.mark.parametrize(
    ("stated", "used", "shown"), [("50", 100, 50), ("9000", 5000, 9000), ("160", 160, None), ("", 250, None)]
)
async def test_durations_in_info_bodies_have_limits(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, stated: str, used: int, shown: int | None
) -> None:
    async with dialled_in(fake_daily, daily_room, daily_client) as call:
        body = f"Signal=5\r\nDuration={stated}\r\n"
        await call.dialog.request("INFO", body, content_type="application/dtmf-relay")
        await daily_client.wait_for("dtmf-event")
    [record] = [record.fields for record in fake_daily.timeline.records(kind="digit")]
    assert (record["duration_ms"], record.get("stated_ms")) == (used, shown)


async def send(call: RawCall, client: Client, train: tuple[EventPacket, ...]) -> None:
    """Send a train and a digit D after it: what has not been heard by then never will be."""
    await call.send_train(*train)
    await call.send_train(*digit_packets("D"), ssrc=0xE4D, base=90_000)
    await client.wait_for("dtmf-event", where={"tone": "D"})


def tones(client: Client) -> str:
    """The tones of all dtmf-events so far, without the D of `send`."""
    return "".join(event["tone"] for event in client.events if event["action"] == "dtmf-event").removesuffix("D")
