"""Codecs and telephone-events: compared by name, clock rate and channels, answered as offered."""

from __future__ import annotations

import re
import struct

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.errors import CallError
from simulator.network import Network
from simulator.phone_call import PhoneCall
from tests.integration.relay.soon import soon
from tests.interop.public_cases.descriptions import (
    EVENTS,
    PORT,
    SILENCE,
    RawCall,
    audio,
    dialled,
    dialling_in,
    event_of,
    sdp,
    talks,
)
from tests.interop.public_cases.raw_rtp import RtpPacket, RtpSocket
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent

# --- codecs -----------------------------------------------------------------------------------------------------

NEARLY = {
    "Opus without channels": ("OPUS", "opus/48000"),
    "Opus with one channel": ("OPUS", "opus/48000/1"),
    "Opus at 16 kHz": ("OPUS", "opus/16000/2"),
    "G722 with two channels": ("G722", "G722/8000/2"),
    "G722 at 16 kHz": ("G722", "G722/16000"),
    "PCMA at 16 kHz": ("PCMA", "PCMA/16000"),
    "PCMA with two channels": ("PCMA", "PCMA/8000/2"),
}


async def room_that_prefers(daily: FakeDaily, codec: str) -> tuple[RoomHandle, Client]:
    room = await daily.create_room(enable_dialout=True, sip={"display_name": "x", "codecs": {"audio": [codec]}})
    client = await daily.join(room)
    await client.wait_for("dialin-ready")
    return room, client


@pytest.mark.parametrize(("wanted", "rtpmap"), NEARLY.values(), ids=NEARLY)
async def test_a_codec_with_another_clock_or_channels_is_another_codec(
    fake_daily: FakeDaily, wanted: str, rtpmap: str
) -> None:
    room, client = await room_that_prefers(fake_daily, wanted)
    offer = sdp(audio(PORT, "96 0 101", f"a=rtpmap:96 {rtpmap}", EVENTS))
    async with dialling_in(fake_daily, room, client, offer) as call:
        assert "RTP/AVP 0 101\n" in (call.response.sdp or "").replace("\r", "")
        warning = await client.wait_for("dialin-warning")
        assert "PCMU is used" in warning["errorMsg"]
        assert {packet.payload_type for packet in await call.rtp.receives()} == {0}
        only = sdp(audio(PORT, "96", f"a=rtpmap:96 {rtpmap}")).replace(PORT, str(call.rtp.port))
        assert (await call.dialog.reinvite(only)).status[0] == 488
        await talks(call, client)


@pytest.mark.parametrize(("wanted", "rtpmap"), NEARLY.values(), ids=NEARLY)
async def test_a_codec_with_another_clock_or_channels_in_an_answer(
    fake_daily: FakeDaily, wanted: str, rtpmap: str
) -> None:
    _, client = await room_that_prefers(fake_daily, wanted)
    async with dialled(client, sdp(audio(PORT, "96 0 101", f"a=rtpmap:96 {rtpmap}", EVENTS))) as call:
        assert {packet.payload_type for packet in await call.rtp.receives()} == {0}


@pytest.mark.parametrize("rtpmap", ["PCMU/8000", "pcmu/8000", "PCMU/8000/1", "Pcmu/8000 "])
async def test_names_of_codecs_have_no_case(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, rtpmap: str
) -> None:
    offer = sdp(audio(PORT, "0 101", f"a=rtpmap:0 {rtpmap}", EVENTS))
    async with dialling_in(fake_daily, daily_room, daily_client, offer) as call:
        await talks(call, daily_client)


async def test_g722_that_is_declared_by_its_sampling_rate(fake_daily: FakeDaily) -> None:
    """Payload type 9 leaves no doubt about what is meant (RFC 3551 §4.5.2)."""
    room, client = await room_that_prefers(fake_daily, "G722")
    async with dialling_in(
        fake_daily, room, client, sdp(audio(PORT, "9 101", "a=rtpmap:9 G722/16000", EVENTS))
    ) as call:
        assert "a=rtpmap:9 G722/8000" in (call.response.sdp or "")
        await talks(call, client)


# --- telephone-events: which payload type and clock -----------------------------------------------------------------

EVENT_FORMS = {
    "capitals": ("0 101", "a=rtpmap:101 TELEPHONE-EVENT/8000", 101),
    "mixed case": ("0 101", "a=rtpmap:101 Telephone-Event/8000", 101),
    "two rtpmaps, ours last": ("0 101", "a=rtpmap:101 telephone-event/16000\r\na=rtpmap:101 telephone-event/8000", 101),
    "two rtpmaps, ours first": (
        "0 101",
        "a=rtpmap:101 telephone-event/8000\r\na=rtpmap:101 telephone-event/16000",
        101,
    ),
    "two payload types": ("0 100 101", "a=rtpmap:100 telephone-event/48000\r\na=rtpmap:101 telephone-event/8000", 101),
    "the payload type twice": ("0 101 101", "a=rtpmap:101 telephone-event/8000", 101),
    "a static payload type": ("0 10", "a=rtpmap:10 telephone-event/8000", 10),
    "a static payload type first": ("10 0", "a=rtpmap:10 telephone-event/8000", 10),
    "a payload type of another codec": ("0 18", "a=rtpmap:18 telephone-event/8000", 18),
    "an unassigned payload type": ("0 77", "a=rtpmap:77 telephone-event/8000", 77),
    "127": ("0 127", "a=rtpmap:127 telephone-event/8000", 127),
    "first": ("101 0", "a=rtpmap:101 telephone-event/8000", 101),
}


async def events_sent(call: RawCall, payload_type: int) -> list[RtpPacket]:
    packets = await call.rtp.until(lambda packet: packet.payload_type == payload_type)
    return [packet for packet in packets if packet.payload_type == payload_type]


@pytest.mark.parametrize(("formats", "attributes", "event"), EVENT_FORMS.values(), ids=EVENT_FORMS)
async def test_digits_pass_both_ways_with_each_form_of_telephone_event(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, formats: str, attributes: str, event: int
) -> None:
    async with dialling_in(fake_daily, daily_room, daily_client, sdp(audio(PORT, formats, attributes))) as call:
        answer = call.response.sdp or ""
        listed = re.findall(r"^m=audio \d+ RTP/AVP ([\d ]+)", answer, re.MULTILINE)[0].split()
        assert sorted(listed) == sorted(["0", str(event)])
        assert re.findall(r"a=rtpmap:(\d+) telephone-event/(\d+)", answer) == [(str(event), "8000")]
        await talks(call, daily_client, payload_type=event)
        connected = next(each for each in daily_client.events if each["action"] == "dialin-connected")
        await daily_client.send_dtmf({"sessionId": connected["sessionId"], "tones": "5", "method": "telephone-event"})
        assert {packet.payload[0] for packet in await events_sent(call, event)} == {5}


@pytest.mark.parametrize(("formats", "attributes", "event"), EVENT_FORMS.values(), ids=EVENT_FORMS)
async def test_digits_pass_both_ways_with_each_form_in_an_answer(
    daily_client: Client, formats: str, attributes: str, event: int
) -> None:
    async with dialled(daily_client, sdp(audio(PORT, formats, attributes))) as call:
        await talks(call, daily_client, payload_type=event_of(call.response.sdp))
        answered = next(each for each in daily_client.events if each["action"] == "dialout-answered")
        await daily_client.send_dtmf({"sessionId": answered["sessionId"], "tones": "5", "method": "telephone-event"})
        assert {packet.payload[0] for packet in await events_sent(call, event)} == {5}
        assert call.agent.count("INVITE") == 1


async def test_a_telephone_event_at_another_clock_only_is_none(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    offer = sdp(audio(PORT, "0 101", "a=rtpmap:101 telephone-event/16000"))
    async with dialling_in(fake_daily, daily_room, daily_client, offer) as call:
        assert "telephone-event" not in (call.response.sdp or "")


# --- telephone-events: which events ---------------------------------------------------------------------------------

LISTS = {
    "0-11": ("a=fmtp:101 0-11", "0-11"),
    "0-15": ("a=fmtp:101 0-15", "0-15"),
    "0-16": ("a=fmtp:101 0-16", "0-16"),
    "none": ("", "0-15"),
    "more than digits": ("a=fmtp:101 0-15,66,70,144-150", "0-15"),
    "single events": ("a=fmtp:101 1,2,3,10", "1-3,10"),
    "events=": ("a=fmtp:101 events=0-15", "0-15"),
}


@pytest.mark.parametrize(("fmtp", "answered"), LISTS.values(), ids=LISTS)
async def test_an_answer_lists_events_of_the_offer_only(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, fmtp: str, answered: str
) -> None:
    lines = [line for line in (EVENTS, fmtp) if line]
    async with dialling_in(fake_daily, daily_room, daily_client, sdp(audio(PORT, "0 101", *lines))) as call:
        assert f"a=fmtp:101 {answered}\n" in (call.response.sdp or "").replace("\r", "")


async def test_events_that_no_digit_has_are_no_telephone_event(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    offer = sdp(audio(PORT, "0 101", EVENTS, "a=fmtp:101 192-195"))
    async with dialling_in(fake_daily, daily_room, daily_client, offer) as call:
        assert "telephone-event" not in (call.response.sdp or "")


@pytest.mark.parametrize(("fmtp", "digit"), [("0-11", "A"), ("0-9", "*"), ("0-9", "#"), ("1,3", "2")])
async def test_an_event_that_the_peer_does_not_list_is_not_sent(phone_network: Network, fmtp: str, digit: str) -> None:
    phone = await phone_network.phone("+12065550142")
    host, _, port = phone_network.address.partition(":")
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        dialog = RawDialog.calling(agent, phone.uri, through=(host, int(port)))
        response = await dialog.call(sdp(audio(rtp.port, "0 101", EVENTS, f"a=fmtp:101 {fmtp}")))
        call = await phone.wait_for_call()
        await call.wait_answered()
        with pytest.raises(CallError, match=f"the peer lists the events {fmtp}, and [{digit}] is none of them"):
            await call.press(f"1{digit}", method="telephone-event")
        await call.press("1", method="telephone-event")
        raw = RawCall(agent, dialog, rtp, response)
        assert {packet.payload[0] for packet in await events_sent(raw, 101)} == {1}
        await raw.hang_up()


# --- packets --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "samples"),
    [
        (["a=maxptime:10"], 80),
        (["a=ptime:20", "a=maxptime:10"], 80),
        (["a=maxptime:15"], 80),
        (["a=maxptime:40"], 160),
        (["a=ptime:40", "a=maxptime:30"], 240),
        (["a=ptime:30"], 240),
        (["a=maxptime:5"], 80),
    ],
)
async def test_the_longest_packet_that_the_peer_wants_is_obeyed(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, lines: list[str], samples: int
) -> None:
    async with dialling_in(fake_daily, daily_room, daily_client, sdp(audio(PORT, "0 101", EVENTS, *lines))) as call:
        assert {len(packet.payload) for packet in await call.rtp.receives()} == {samples}


async def answered_call(network: Network, agent: RawUserAgent, rtp: RtpSocket) -> tuple[RawCall, PhoneCall]:
    phone = await network.phone("+12065550142")
    host, _, port = network.address.partition(":")
    dialog = RawDialog.calling(agent, phone.uri, through=(host, int(port)))
    response = await dialog.call(sdp(audio(rtp.port)))
    call = await phone.wait_for_call()
    await call.wait_answered()
    return RawCall(agent, dialog, rtp, response), call


def receiver_report(ssrc: int, about: int, lost: int) -> bytes:
    """RFC 3550 §6.4.2: one report block."""
    block = struct.pack("!LLLLLL", about, lost, 1000, 0, 0, 0)
    return struct.pack("!BBHL", 0x81, 201, 7, ssrc) + block


@pytest.mark.parametrize("kind", [200, 202, 203, 205, 206, 207])
async def test_rtcp_on_the_rtp_port_is_told_by_its_packet_type(phone_network: Network, kind: int) -> None:
    """RFC 5761 §4. Read as RTP, these have the payload types 72 to 79 and the marker."""
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        raw, call = await answered_call(phone_network, agent, rtp)
        report = receiver_report(rtp.ssrc, (await rtp.receives())[0].ssrc, lost=7)
        rtp.send_bytes(report[:1] + bytes([kind]) + report[2:], raw.media)
        rtp.send(raw.media, SILENCE)
        heard = call.packets_heard
        assert heard is not None
        await soon(lambda: len(heard.packets) > 0, "the relay has passed RTP")
        assert [packet.payload_type for packet in heard.packets] == [0]
        await raw.hang_up()


async def test_a_receiver_report_on_the_rtp_port_is_read(phone_network: Network) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        raw, call = await answered_call(phone_network, agent, rtp)
        ours = (await rtp.receives())[0].ssrc
        rtp.send(raw.media, SILENCE)
        rtp.send_bytes(receiver_report(rtp.ssrc, ours, lost=7), raw.media)
        for _ in range(100):
            if (await call.statistics()).remote_lost_packets == 7:
                break
            await rtp.receives(after=len(rtp.packets))
        else:
            pytest.fail("the report did not arrive")
        await raw.hang_up()
