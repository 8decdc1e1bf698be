"""Digits that the room sends: their packets beside the audio, long ones in segments, and what becomes of failures."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.server import FakeDaily
from simulator.dtmf import TelephoneEvent
from simulator.errors import CallEnded, ExpectationFailed
from simulator.network import Network
from tests.interop.public_cases.raw_calls import EVENT_TYPE, TELEPHONE_EVENT, RawCall, dialled_out
from tests.interop.public_cases.raw_rtp import RtpPacket
from tests.interop.public_cases.raw_user_agent import audio_sdp

OPUS = "a=rtpmap:111 opus/48000/2\r\na=rtpmap:101 telephone-event/48000\r\n"


async def last_event(call: RawCall, *, within: float) -> None:
    """Wait until the last of three end packets has come, and some audio after it."""

    def over() -> bool | None:
        ends = [index for index, packet in enumerate(call.rtp.rtp()) if is_end(packet)]
        return True if len(ends) >= 3 and len(call.rtp.rtp()) > ends[-1] + 10 else None

    assert await call.rtp.wait(over, within=within), "no digit ended"


def is_end(packet: RtpPacket) -> bool:
    event = TelephoneEvent.parse(packet.payload) if packet.payload_type == EVENT_TYPE else None
    return event is not None and event.end and event.digit == "#"


def check_clock(packets: Sequence[RtpPacket], step: int) -> None:
    """All audio packets have the timestamp that their sequence number calls for: `step` units each."""
    audio = [packet for packet in packets if packet.payload_type != EVENT_TYPE]
    first = audio[0]
    late = [(p.timestamp - first.timestamp) - step * (p.sequence - first.sequence) for p in audio]
    assert set(late) == {0}, f"audio is off by {sorted(set(late))} timestamp units"
    events = [packet for packet in packets if packet.payload_type == EVENT_TYPE and packet.marker]
    begins = [(p.timestamp - first.timestamp) - step * (p.sequence - first.sequence) for p in events]
    assert set(begins) == {0}, f"digits begin off by {begins} timestamp units"


@pytest.mark.parametrize(
    ("formats", "attributes", "step"),
    [("0 101", TELEPHONE_EVENT, 160), ("9 101", TELEPHONE_EVENT, 160), ("111 101", OPUS, 960)],
    ids=["PCMU", "G722", "OPUS"],
)
async def test_timestamps_follow_the_sampling_clock(
    daily_client: Client, formats: str, attributes: str, step: int
) -> None:
    codecs = {"audio": ["OPUS", "G722", "PCMU"]}
    async with dialled_out(daily_client, formats=formats, attributes=attributes, codecs=codecs) as call:
        await call.rtp.receives()
        await daily_client.send_dtmf({"sessionId": call.session_id, "tones": "12#"})
        await last_event(call, within=5)
        packets = call.rtp.rtp()
    check_clock(packets, step)
    assert [packet.sequence for packet in packets] == list(
        range(packets[0].sequence, packets[0].sequence + len(packets))
    )
    events = {packet.timestamp: packet for packet in packets if packet.payload_type == EVENT_TYPE}
    assert [TelephoneEvent.parse(packet.payload) for packet in events.values()] == [
        TelephoneEvent(digit, end=True, duration=step * 25) for digit in "12#"
    ]


async def test_a_digit_longer_than_16_bits_is_sent_in_segments(daily_client: Client) -> None:
    codecs = {"audio": ["OPUS"]}
    async with dialled_out(daily_client, formats="111 101", attributes=OPUS, codecs=codecs) as call:
        await call.rtp.receives()
        await daily_client.send_dtmf({"sessionId": call.session_id, "tones": "#", "digitDurationMs": 1500})
        await last_event(call, within=5)
        packets = call.rtp.rtp()
    events = [(p, e) for p in packets if p.payload_type == EVENT_TYPE and (e := TelephoneEvent.parse(p.payload))]
    first, second = sorted({packet.timestamp for packet, _ in events})
    assert second - first == 0xFFFF
    by_segment = {start: [(p.marker, e) for p, e in events if p.timestamp == start] for start in (first, second)}
    assert [event for _, event in by_segment[first]][-3:] == [TelephoneEvent("#", end=False, duration=0xFFFF)] * 3
    assert [event for _, event in by_segment[second]][-3:] == [
        TelephoneEvent("#", end=True, duration=72_000 - 0xFFFF)
    ] * 3
    assert [marker for packets in by_segment.values() for marker, _ in packets].count(True) == 1
    assert events[0][0].marker
    check_clock(packets, 960)


@pytest.mark.parametrize("duration_ms", [1365, 1366, 2000])
async def test_our_own_phone_hears_long_digits_beside_opus_as_long_as_they_are(
    phone_network: Network, daily_client: Client, duration_ms: int
) -> None:
    phone = await phone_network.phone("+12065550142", codecs=["OPUS"])
    session_id = await daily_client.start_dialout({"phoneNumber": phone.number, "codecs": {"audio": ["OPUS"]}})
    await daily_client.wait_for("dialout-answered")
    call = await phone.wait_for_call()
    await daily_client.send_dtmf({"sessionId": session_id, "tones": "7", "digitDurationMs": duration_ms})
    await call.wait_for_digits("7")
    assert call.heard[0].duration_ms == duration_ms


# --- failures -----------------------------------------------------------------------------------------------------


def not_sent(daily: FakeDaily) -> list[dict[str, Any]]:
    return [dict(record.fields) for record in daily.timeline.records(kind="digit") if "not_sent" in record.fields]


async def fails(daily: FakeDaily, client: Client, *, within: float = 4) -> dict[str, Any]:
    """The one record of digits that were not sent, once it is there; a failed wait shows its cause."""
    await daily.timeline.until(lambda: not_sent(daily) or None, within=within)
    [failure] = not_sent(daily)
    with pytest.raises(ExpectationFailed, match=re.escape(failure["because"])):
        await client.wait_for("dtmf-event", within=0.05)
    return failure


@pytest.mark.parametrize(
    "status", ["415 Unsupported Media Type", "405 Method Not Allowed", "500 Server Internal Error"]
)
async def test_a_refused_info_is_recorded(fake_daily: FakeDaily, daily_client: Client, status: str) -> None:
    async with dialled_out(daily_client) as call:
        request = {"sessionId": call.session_id, "tones": "12", "method": "sip-info", "digitDurationMs": 50}
        await daily_client.send_dtmf(request)
        await call.respond("200 OK", "INFO")
        await call.respond(status, "INFO")
        failure = await fails(fake_daily, daily_client)
    assert (failure["not_sent"], failure["method"]) == ("2", "sip-info")
    assert f"answered {status}" in failure["because"]
    assert failure["session_id"] == call.session_id


async def test_an_info_without_an_answer_is_recorded(fake_daily: FakeDaily, daily_client: Client) -> None:
    async with dialled_out(daily_client) as call:
        await daily_client.send_dtmf({"sessionId": call.session_id, "tones": "12", "method": "sip-info"})
        await call.agent.receive("INFO ")
        failure = await fails(fake_daily, daily_client, within=10)
    assert failure["not_sent"] == "12"
    assert "408" in failure["because"]


async def test_digits_after_a_refused_one_of_another_request_are_sent(
    fake_daily: FakeDaily, daily_client: Client
) -> None:
    async with dialled_out(daily_client) as call:
        request = {"sessionId": call.session_id, "method": "sip-info", "digitDurationMs": 50}
        await daily_client.send_dtmf(request | {"tones": "1"})
        await daily_client.send_dtmf(request | {"tones": "2"})
        await call.respond("415 Unsupported Media Type", "INFO")
        await call.respond("200 OK", "INFO")
        failure = await fails(fake_daily, daily_client)
    assert failure["not_sent"] == "1"


@pytest.mark.parametrize("direction", ["sendonly", "inactive"])
async def test_digits_while_the_peer_holds_are_recorded(
    fake_daily: FakeDaily, daily_client: Client, direction: str
) -> None:
    async with dialled_out(daily_client) as call:
        await call.rtp.receives()
        await hold(fake_daily, call, direction)
        await daily_client.send_dtmf({"sessionId": call.session_id, "tones": "12"})
        failure = await fails(fake_daily, daily_client)
        assert failure["not_sent"] == "12"
        assert "holds the call" in failure["because"]
        await hold(fake_daily, call, "sendrecv")
        await daily_client.send_dtmf({"sessionId": call.session_id, "tones": "#", "digitDurationMs": 100})
        await last_event(call, within=4)


async def test_a_hold_in_the_middle_of_a_digit_is_recorded(fake_daily: FakeDaily, daily_client: Client) -> None:
    async with dialled_out(daily_client) as call:
        await call.rtp.receives()
        await daily_client.send_dtmf({"sessionId": call.session_id, "tones": "34", "digitDurationMs": 2000})
        assert await call.rtp.wait(lambda: any(p.payload_type == EVENT_TYPE for p in call.rtp.rtp()) or None, within=2)
        await hold(fake_daily, call, "sendonly")
        failure = await fails(fake_daily, daily_client)
    assert failure["not_sent"] == "34"
    assert "holds the call" in failure["because"]


async def test_digits_after_telephone_event_was_given_up_are_recorded(
    fake_daily: FakeDaily, daily_client: Client
) -> None:
    async with dialled_out(daily_client) as call:
        await call.rtp.receives()
        await daily_client.send_dtmf({"sessionId": call.session_id, "tones": "56"})
        await call.dialog.request("INVITE", audio_sdp(call.rtp.port, "0", ""))
        call.dialog.established(await call.agent.receive("SIP/2.0 200"))
        await call.dialog.request("ACK")
        failure = await fails(fake_daily, daily_client)
    assert failure["not_sent"] == "6"
    assert "telephone-event was not negotiated" in failure["because"]


async def test_digits_that_the_end_of_the_call_cuts_off_are_recorded(
    fake_daily: FakeDaily, daily_client: Client
) -> None:
    async with dialled_out(daily_client) as call:
        await call.rtp.receives()
        await daily_client.send_dtmf({"sessionId": call.session_id, "tones": "123"})
        assert await call.rtp.wait(lambda: any(p.payload_type == EVENT_TYPE for p in call.rtp.rtp()) or None, within=2)
        await call.dialog.request("BYE")
        await daily_client.wait_for("dialout-stopped")
        failure = await fails(fake_daily, daily_client)
    assert failure["not_sent"] == "123"
    assert "the call has ended" in failure["because"]


async def test_an_extension_that_the_end_of_the_call_cuts_off_is_recorded(
    fake_daily: FakeDaily, phone_network: Network, daily_client: Client
) -> None:
    phone = await phone_network.phone("+12065550142")
    await daily_client.start_dialout({"phoneNumber": phone.number, "extension": "1234"})
    call = await phone.wait_for_call()
    await call.wait_for_digits("1")
    await call.hang_up()
    failure = await fails(fake_daily, daily_client)
    assert failure["not_sent"] in ("1234", "234")  # the first digit is heard before its last packet
    assert "the call has ended" in failure["because"]


async def test_digits_of_a_phone_that_the_end_of_the_call_cuts_off_are_recorded(
    fake_daily: FakeDaily, phone_network: Network, daily_client: Client
) -> None:
    phone = await phone_network.phone("+12065550142")
    session_id = await daily_client.start_dialout({"phoneNumber": phone.number})
    call = await phone.wait_for_call()
    await daily_client.wait_for("dialout-answered")
    pressing = asyncio.ensure_future(call.press("1234"))
    await daily_client.wait_for("dtmf-event", where={"tone": "1"})
    await daily_client.stop_dialout(session_id)
    with pytest.raises(CallEnded):
        await pressing
    [failure] = [r.fields for r in fake_daily.timeline.records(kind="phone") if r.fields["action"] == "cannot press"]
    assert failure["not_sent"] in ("1234", "234")  # the first digit is heard before its last packet
    assert failure["because"] in (fake_daily.network.explanation() or "")


@pytest.mark.parametrize(("duration_ms", "used", "shown"), [(50, 100, 50), (9000, 5000, 9000), (160, 160, None)])
async def test_the_duration_in_an_info_of_our_own_phone_has_limits(
    fake_daily: FakeDaily,
    phone_network: Network,
    daily_client: Client,
    duration_ms: int,
    used: int,
    shown: int | None,
) -> None:
    phone = await phone_network.phone("+12065550142")
    await daily_client.start_dialout({"phoneNumber": phone.number})
    await daily_client.wait_for("dialout-answered")
    call = await phone.wait_for_call()
    await call.send_info("application/dtmf-relay", f"Signal=5\r\nDuration={duration_ms}\r\n")
    await daily_client.wait_for("dtmf-event", where={"tone": "5"})
    [record] = [record.fields for record in fake_daily.timeline.records(kind="digit")]
    assert (record["duration_ms"], record.get("stated_ms")) == (used, shown)


async def hold(daily: FakeDaily, call: RawCall, direction: str) -> None:
    """Send a re-INVITE with this direction, see it accepted, and wait until the media at Daily have changed."""
    after = daily.timeline.last_seq
    attributes = f"{TELEPHONE_EVENT}a={direction}\r\n"
    await call.dialog.request("INVITE", audio_sdp(call.rtp.port, "0 101", attributes).replace("o=- 1 1", "o=- 1 2"))
    call.dialog.established(await call.agent.receive("SIP/2.0 200"))
    await call.dialog.request("ACK")
    theirs = {"sendonly": "recvonly"}.get(direction, direction)
    assert await daily.timeline.wait(lambda each: each.fields.get("direction") == theirs, after=after, within=4)
