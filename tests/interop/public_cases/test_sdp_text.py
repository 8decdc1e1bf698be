"""The text of session descriptions: what is in the field is read, and each section is answered by itself."""

from __future__ import annotations

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from tests.interop.public_cases.descriptions import (
    PORT,
    RawCall,
    audio,
    dialled,
    dialling_in,
    event_of,
    front_door,
    ports,
    sdp,
    section,
    talks,
)
from tests.interop.public_cases.raw_rtp import RtpSocket
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent

PLAIN = sdp(audio(PORT))
TEXTS = {
    "an empty line at the end": PLAIN + "\r\n",
    "several empty lines": PLAIN + "\r\n\r\n\r\n",
    "an empty line inside": PLAIN.replace("m=audio", "\r\nm=audio"),
    "a form feed": PLAIN.replace("s=-", "s=a\x0cb"),
    "U+2028": PLAIN.replace("s=-", "s=a\u2028b"),
    "U+0085": PLAIN.replace("s=-", "s=a\x85b"),
    "LF": PLAIN.replace("\r\n", "\n"),
    "no line end at the end": PLAIN.rstrip(),
    "spaces at the ends of lines": PLAIN.replace("\r\n", " \r\n"),
    "an unknown line": PLAIN.replace("t=0 0", "t=0 0\r\nx=1\r\n?? what"),
    "no s=": PLAIN.replace("s=-\r\n", ""),
    "no o=": PLAIN.replace("o=- 1 1 IN IP4 127.0.0.1\r\n", ""),
    "an empty s=": PLAIN.replace("s=-", "s="),
    "capital attribute names": PLAIN.replace("a=rtpmap", "a=RTPMAP"),
    "a space after the colon": PLAIN.replace("rtpmap:101 ", "rtpmap: 101  "),
    "eighty attributes": PLAIN + "a=x-attribute:1\r\n" * 80,
    "forty formats": sdp(audio(PORT, " ".join(map(str, (*range(96, 128), 0, 101, 77, 78, 79, 80, 81))))),
    "bandwidth lines": PLAIN.replace("t=0 0", "t=0 0\r\n" + "b=AS:64\r\n" * 8 + "b=X"),
    "ICE, crypto and SSRC": PLAIN
    + "a=candidate:1 1 UDP 1 10.0.0.1 9 typ host\r\na=crypto:1 x\r\na=ssrc:1 cname:a b\r\n",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
async def test_an_offer_as_it_is_found_in_the_field(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, text: str
) -> None:
    async with dialling_in(fake_daily, daily_room, daily_client, text) as call:
        await talks(call, daily_client)
    assert not [record for record in fake_daily.timeline.records() if record.fields.get("action") == "fails"]


@pytest.mark.parametrize("text", [TEXTS["an empty line at the end"], TEXTS["a form feed"], TEXTS["U+2028"]])
async def test_an_answer_as_it_is_found_in_the_field(daily_client: Client, text: str) -> None:
    async with dialled(daily_client, text) as call:
        await talks(call, daily_client, payload_type=event_of(call.response.sdp))


ISUP = "Content-Type: application/isup\r\n\r\n\x01\x02"
SDP_PART = f"Content-Type: application/sdp\r\n\r\n{PLAIN}"
MULTIPART = {
    "SDP alone": ("multipart/mixed;boundary=b", f"--b\r\n{SDP_PART}\r\n--b--\r\n"),
    "SDP last": ('multipart/mixed; boundary="b"', f"pre\r\n--b\r\n{ISUP}\r\n--b\r\n{SDP_PART}\r\n--b--\r\npost"),
    "SDP first": ("Multipart/Mixed;Boundary=b", f"--b\r\n{SDP_PART}\r\n--b\r\n{ISUP}\r\n--b--"),
    "related": ("multipart/related;boundary=b", f"--b\r\n{SDP_PART}\r\n--b--"),
    "no boundary in the header": ("multipart/mixed", f"--b\r\n{SDP_PART}\r\n--b--"),
    "nested": (
        "multipart/mixed;boundary=a",
        f"--a\r\nContent-Type: multipart/alternative;boundary=b\r\n\r\n--b\r\n{SDP_PART}\r\n--b--\r\n--a--",
    ),
}


@pytest.mark.parametrize(("content_type", "body"), MULTIPART.values(), ids=MULTIPART)
async def test_an_offer_in_a_multipart_body(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, content_type: str, body: str
) -> None:
    async with dialling_in(fake_daily, daily_room, daily_client, body, content_type=content_type) as call:
        await talks(call, daily_client)


async def test_a_multipart_body_without_sdp_is_no_offer(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    """RFC 5621: the call has an INVITE without an offer, so that the 200 has one."""
    isup = f"--b\r\n{ISUP}\r\n--b--\r\n"
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        dialog = RawDialog.calling(agent, daily_room.sip_uris[0], through=front_door(fake_daily))
        await dialog.request("INVITE", isup, content_type="multipart/mixed;boundary=b")
        response = await agent.receive("SIP/2.0 200")
        assert response.sdp
        dialog.established(response)
        await dialog.request("ACK", PLAIN.replace(PORT, str(rtp.port)))
        await rtp.receives()
        await dialog.request("BYE")
        await agent.receive("SIP/2.0 200")


@pytest.mark.parametrize("body", ["\r\n", "\r\n\r\n", " \n"])
async def test_an_empty_body_is_no_offer(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, body: str
) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        dialog = RawDialog.calling(agent, daily_room.sip_uris[0], through=front_door(fake_daily))
        await dialog.request("INVITE", body)
        response = await agent.receive("SIP/2.0 200")
        dialog.established(response)
        await dialog.request("ACK", PLAIN.replace(PORT, str(rtp.port)))
        await talks(RawCall(agent, dialog, rtp, response), daily_client, payload_type=event_of(response.sdp))
        assert (await dialog.reinvite(body)).sdp
        await dialog.request("BYE")
        await dialog.final_response()


VIDEO = section("video 0 RTP/AVP 255")
LINES = {
    "port 0": (section("audio 0 RTP/AVP 0"), "audio"),
    "SAVP": (section("audio 40000 RTP/SAVP 0", "a=crypto:1 x"), "audio"),
    "SAVPF over DTLS": (section("audio 40000 UDP/TLS/RTP/SAVPF 0", "a=setup:actpass"), "audio"),
    "G729": (section("audio 40000 RTP/AVP 18"), "audio"),
    "GSM": (section("audio 40000 RTP/AVP 3"), "audio"),
    "IPv6": (section("audio 40000 RTP/AVP 0", "c=IN IP6 ::1"), "audio"),
    "refused video": (VIDEO, "video"),
    "video without rtpmap": (section("video 40000 RTP/AVP 96"), "video"),
    "video with known and unknown formats": (section("video 40000 RTP/AVP 96 34 97", "a=rtpmap:97 X/90000"), "video"),
    "application without rtpmap": (section("application 40000 RTP/AVP 99"), "application"),
    "data channel": (section("application 9 UDP/DTLS/SCTP webrtc-datachannel"), "application"),
    "fax": (section("image 40000 udptl t38", "a=T38FaxVersion:0"), "image"),
    "MSRP": (section("message 40000 TCP/MSRP *"), "message"),
    "payload types beyond 127": (section("audio 0 RTP/AVP 200 300"), "audio"),
    "no formats": (section("video 40000 RTP/AVP"), "video"),
    "a media type with a sign": (section("=video 40000 RTP/AVP 97"), "unknown"),
    "a format with a sign": (section("video 40000 RTP/AVP (1)"), "video"),
    "a format that is no ASCII": (section("x 40000 é é"), "x"),
}


@pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
@pytest.mark.parametrize(("line", "kind"), LINES.values(), ids=LINES)
async def test_a_section_that_cannot_be_used_is_refused_and_the_call_lives(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, line: str, kind: str, first: bool
) -> None:
    sections = (line, audio(PORT)) if first else (audio(PORT), line)
    async with dialling_in(fake_daily, daily_room, daily_client, sdp(*sections)) as call:
        wanted = [(kind, False), ("audio", True)]
        assert ports(call.response.sdp) == (wanted if first else wanted[::-1])
        await talks(call, daily_client)
    assert not [record for record in fake_daily.timeline.records() if record.fields.get("action") == "fails"]


@pytest.mark.parametrize("line", [VIDEO, LINES["application without rtpmap"][0], LINES["data channel"][0]])
async def test_a_reinvite_that_adds_a_section_is_answered(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, line: str
) -> None:
    async with dialling_in(fake_daily, daily_room, daily_client) as call:
        response = await call.dialog.reinvite(sdp(audio(PORT), line).replace(PORT, str(call.rtp.port)))
        assert [accepted for _, accepted in ports(response.sdp)] == [True, False]
        await talks(call, daily_client)


async def test_two_usable_audio_sections(fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client) -> None:
    async with dialling_in(fake_daily, daily_room, daily_client, sdp(audio(PORT), audio(40000))) as call:
        assert ports(call.response.sdp) == [("audio", True), ("audio", False)]
        await talks(call, daily_client)


async def test_sixteen_sections(fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client) -> None:
    async with dialling_in(fake_daily, daily_room, daily_client, sdp(*[VIDEO] * 15, audio(PORT))) as call:
        assert ports(call.response.sdp) == [("video", False)] * 15 + [("audio", True)]
        await talks(call, daily_client)
