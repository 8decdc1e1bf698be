"""Dialogs · answers of peers: what the called side may answer to our INVITE, and what follows from it."""

from __future__ import annotations

import asyncio
import re
from functools import partial
from typing import Any

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.server import FakeDaily
from simulator.errors import CallRefused
from tests.event_actions import actions
from tests.integration.relay.soon import soon
from tests.interop.public_cases.raw_rtp import HOST, RtpSocket
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent, audio_sdp
from tests.interop.public_cases.room_calls import dialled_out, front_door

EVENT_MAPS = "a=rtpmap:101 telephone-event/8000\r\n"


# --- answers with several codecs ---


@pytest.mark.parametrize("formats", ["0 8", "0 8 101", "8 0", "9 0 8"])
async def test_an_answer_with_several_codecs_leads_to_no_request_of_ours(daily_client: Client, formats: str) -> None:
    attributes = EVENT_MAPS if "101" in formats else ""
    async with dialled_out(daily_client, sdp_formats=formats, attributes=attributes) as call:
        await call.agent.receives_nothing("INVITE ", "UPDATE ", "BYE ", for_s=0.5)
        held = audio_sdp(call.rtp.port, "0").replace("m=audio", "a=sendonly\r\nm=audio")
        assert (await call.response_to("INVITE", held)).status[0] == 200
        assert "dialout-error" not in actions(daily_client.events)


@pytest.mark.parametrize(("formats", "warns"), [("0", True), ("0 8", False), ("8", False), ("8 0", False)])
async def test_an_answer_that_lists_the_wanted_codec_leads_to_no_warning(
    daily_client: Client, formats: str, warns: bool
) -> None:
    async with dialled_out(daily_client, sdp_formats=formats, attributes="", codecs={"audio": ["PCMA"]}) as call:
        await call.rtp.receives()
        if warns:
            await daily_client.wait_for("dialout-warning")
    assert ("dialout-warning" in actions(daily_client.events)) == warns


async def test_an_answered_call_that_stops_responding_does_not_end_as_no_answer(
    fake_daily: FakeDaily, daily_client: Client
) -> None:
    async with dialled_out(daily_client) as call:
        (gateway_call,) = fake_daily.gateway.calls
        holding = asyncio.ensure_future(fake_daily.owner_loop.run(gateway_call.hold()))
        await call.agent.request("INVITE", number=2)
        error = await daily_client.wait_for("dialout-error", within=7)
        await call.agent.request("BYE")
        with pytest.raises(CallRefused, match="408"):
            await holding
        assert "no answer" not in error["errorMsg"]
        assert "INVITE was not answered within 4 s, SIP timer B" in error["errorMsg"]


# --- video ---


def video_sdp(rtp_port: int, video_port: int, *, audio: str = "0 8 101", direction: str = "sendrecv") -> str:
    return audio_sdp(rtp_port, audio, EVENT_MAPS) + (
        f"m=video {video_port} RTP/AVP 97\r\nc=IN IP4 {HOST}\r\na=rtpmap:97 VP8/90000\r\na={direction}\r\n"
    )


def shows(client: Client, session_id: str, *, playable: bool) -> bool:
    """Whether the client knows the video track of the call to be playable, or not to be."""
    tracks = client.participants[session_id]["tracks"]
    return (tracks["video"]["state"] == "playable") is playable


@pytest.mark.parametrize(("direction", "playable"), [("sendrecv", True), ("inactive", False), ("recvonly", False)])
async def test_video_stays_as_it_was_agreed(daily_client: Client, direction: str, *, playable: bool) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp, RtpSocket() as video:
        session_id = await daily_client.start_dialout({"sipUri": agent.uri, "video": True})
        dialog = await RawDialog.called(agent)
        await dialog.answer("200 OK", video_sdp(rtp.port, video.port, direction=direction))
        await daily_client.wait_for("dialout-answered")
        await daily_client.wait_for("participant-joined") if session_id not in daily_client.participants else None
        await agent.receives_nothing("INVITE ", "UPDATE ", for_s=0.5)
        assert shows(daily_client, session_id, playable=playable)


def bandwidths(sdp: str) -> list[str]:
    return re.findall(r"^b=.*", sdp.partition("m=")[0], re.MULTILINE)


async def test_an_offer_with_video_has_no_bandwidth_of_the_session(daily_client: Client) -> None:
    for options in ({"video": True}, {}):
        async with RawUserAgent() as agent:
            await daily_client.start_dialout({"sipUri": agent.uri, **options})
            dialog = await RawDialog.called(agent)
            assert dialog.invite is not None
            assert dialog.invite.sdp is not None
            assert bool(bandwidths(dialog.invite.sdp)) == (not options)
            await dialog.answer("486 Busy Here")
            await daily_client.wait_for("dialout-error")


async def test_an_answer_with_video_has_no_bandwidth_of_the_session(fake_daily: FakeDaily) -> None:
    room = await fake_daily.create_room(sip={"video": True})
    await (await fake_daily.join(room)).wait_for("dialin-ready")
    async with RawUserAgent() as agent, RtpSocket() as rtp, RtpSocket() as video:
        dialog = RawDialog.calling(agent, room.sip_uris[0], through=front_door(fake_daily))
        await dialog.request("INVITE", video_sdp(rtp.port, video.port))
        answered = await agent.final_response("1 INVITE")
        assert answered.sdp is not None
        assert "m=video 0" not in answered.sdp
        assert bandwidths(answered.sdp) == []
        dialog.established(answered)
        await dialog.request("ACK")
        await dialog.request("BYE")
        await agent.final_response("2 BYE")


async def test_video_that_becomes_inactive_is_not_playable(daily_client: Client) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp, RtpSocket() as video:
        session_id = await daily_client.start_dialout({"sipUri": agent.uri, "video": True})
        dialog = await RawDialog.called(agent)
        await dialog.answer("200 OK", video_sdp(rtp.port, video.port))
        await daily_client.wait_for("dialout-answered")
        await agent.receive("ACK ")
        for direction, playable in (("inactive", False), ("sendrecv", True)):
            await dialog.request("INVITE", video_sdp(rtp.port, video.port, direction=direction))
            await agent.final_response(f"{dialog.cseq} INVITE")
            await dialog.request("ACK")
            await soon(partial(shows, daily_client, session_id, playable=playable), f"{direction}: {playable=}")


# --- a 200 that cannot be used ---

NO_MEDIA = f"v=0\r\no=- 1 1 IN IP4 {HOST}\r\ns=-\r\nc=IN IP4 {HOST}\r\nt=0 0\r\n"
UNUSABLE: dict[str, tuple[str, dict[str, str]]] = {
    "only G729": (audio_sdp(40_000, "18", ""), {}),
    "port 0": (audio_sdp(0, "0", ""), {}),
    "broken": ("v=0\r\nthis is no description\r\n", {}),
    "no m= line": (NO_MEDIA, {}),
    "text": ("hello", {"Content-Type": "text/plain"}),
    "none at all": ("", {}),
}


@pytest.mark.parametrize("ringing", [False, True], ids=["at once", "after 180"])
@pytest.mark.parametrize("kind", UNUSABLE)
async def test_a_200_that_cannot_be_used_is_acknowledged_and_ended_once(
    daily_client: Client, kind: str, *, ringing: bool
) -> None:
    body, headers = UNUSABLE[kind]
    async with RawUserAgent() as agent:
        await daily_client.start_dialout({"sipUri": agent.uri})
        dialog = await RawDialog.called(agent)
        if ringing:
            await dialog.answer("180 Ringing")
        await dialog.answer("200 OK", body, headers=headers)
        bye = await agent.request("BYE")
        await dialog.answer("200 OK", to=bye)
        await daily_client.wait_for("dialout-error")
        methods = [message.start.split()[0] for message in agent.messages]
        assert methods == ["INVITE", "ACK", "BYE"]
        assert len(agent.requests("BYE")) == 1
        assert "dialout-answered" not in actions(daily_client.events)


# --- redirections ---


async def outcome_of(
    client: Client, status: str, *, ringing: bool = False, headers: dict[str, str | None]
) -> dict[str, Any]:
    """Dial a peer that answers with `status`; returns the event that ends the call."""
    async with RawUserAgent() as agent:
        await client.start_dialout({"sipUri": agent.uri})
        dialog = await RawDialog.called(agent)
        if ringing:
            await dialog.answer("180 Ringing")
        await dialog.answer(status, headers={"Contact": None, **headers})
        await agent.receive("ACK ")
        event = await client.wait_for("dialout-error")
        assert actions(client.events).count("dialout-error") == 1
        assert "dialout-stopped" not in actions(client.events)
        assert len(agent.requests("INVITE")) == 1
        return event


@pytest.mark.parametrize("ringing", [False, True], ids=["at once", "after 180"])
@pytest.mark.parametrize(
    "status",
    [
        "300 Multiple Choices",
        "301 Moved Permanently",
        "302 Moved Temporarily",
        "305 Use Proxy",
        "380 Alternative Service",
        "399 Moved Somehow",
    ],
)
async def test_a_redirection_ends_the_call_as_such(daily_client: Client, status: str, *, ringing: bool) -> None:
    error = await outcome_of(daily_client, status, ringing=ringing, headers={"Contact": "<sip:other@127.0.0.1:9>"})
    assert error["errorMsg"].startswith(f"DialOut failed with error: {status} (moved")


@pytest.mark.parametrize(
    "contact",
    [
        "<sip:a@127.0.0.1:9>;q=0.5, <sip:b@127.0.0.1:9>;q=0.9",
        "<sip:x@host.invalid>",
        "<tel:+15550100>",
        "<sip:other@127.0.0.1:9?X-A=b>",
        None,
    ],
)
async def test_whatever_the_contact_of_a_redirection_is(daily_client: Client, contact: str | None) -> None:
    error = await outcome_of(daily_client, "302 Moved", headers={"Contact": contact})
    assert "302 Moved (moved" in error["errorMsg"]


# --- responses with fields that PJSIP cannot parse ---


@pytest.mark.parametrize(
    ("status", "field", "value"),
    [
        ("401 Unauthorized", "WWW-Authenticate", 'Basic realm="x"'),
        ("401 Unauthorized", "WWW-Authenticate", 'Bearer authz_server="https://a.example", scope="sip"'),
        ("401 Unauthorized", "WWW-Authenticate", "junk"),
        ("407 Proxy Authentication Required", "Proxy-Authenticate", 'Basic realm="x"'),
        ("401 Unauthorized", "WWW-Authenticate", 'Digest realm="x", nonce="y"'),
        ("503 Service Unavailable", "Retry-After", "soon"),
        ("486 Busy Here", "Contact", '""x"" <sip:a@b>'),
        ("486 Busy Here", "Expires", "later"),
    ],
)
async def test_a_refusal_counts_whatever_its_fields_are(
    daily_client: Client, status: str, field: str, value: str
) -> None:
    fields: dict[str, str | None] = {field: value}
    error = await outcome_of(daily_client, status, headers=fields)
    assert status in error["errorMsg"]


async def test_an_answer_counts_whatever_its_session_timer_is(daily_client: Client) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        session_id = await daily_client.start_dialout({"sipUri": agent.uri})
        dialog = await RawDialog.called(agent)
        await dialog.answer("200 OK", audio_sdp(rtp.port), headers={"Session-Expires": "abc"})
        await agent.receive("ACK ")
        await daily_client.wait_for("dialout-answered", where={"sessionId": session_id})
