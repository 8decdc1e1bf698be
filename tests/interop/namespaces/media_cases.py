"""Session descriptions that name other machines for audio, RTCP and video."""

from __future__ import annotations

import asyncio

from tests.interop.namespaces.cases import (
    AT_ONCE_S,
    FOREIGN,
    NAME,
    NEIGHBOUR,
    Surroundings,
    bye_arrives,
    case,
    dialled_out,
)
from tests.interop.public_cases.raw_rtp import RtpSocket
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent, audio_sdp

MEDIA: dict[str, str] = {
    "another machine": f"IP4 {FOREIGN}",
    "a neighbour": f"IP4 {NEIGHBOUR}",
    "a name": f"IP4 {NAME}",
    "a group": "IP4 224.0.0.251/127",
    "an IPv6 address": "IP6 2001:db8::66",
}


def _register_media() -> None:
    for what, address in MEDIA.items():
        case(f"offer with media at {what}", address)(offered_media)
        case(f"answer with media at {what}", address)(answered_media)


def with_connection(sdp: str, address: str) -> str:
    return sdp.replace("c=IN IP4 127.0.0.1", f"c=IN {address}")


async def offered_media(around: Surroundings, address: str) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        dialog = RawDialog.calling(agent, around.room.sip_uris[0], through=around.front_door)
        response = await dialog.call(with_connection(audio_sdp(rtp.port), address))
        if response.start.startswith("SIP/2.0 200"):
            await asyncio.sleep(0.2)
            await dialog.request("BYE")
            await agent.receive("SIP/2.0 200", "BYE ", within=AT_ONCE_S)


async def answered_media(around: Surroundings, address: str) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        dialog, session_id = await dialled_out(around, agent, with_connection(audio_sdp(rtp.port), address), {})
        await agent.receive("ACK ", within=AT_ONCE_S)
        await asyncio.sleep(0.2)
        if not agent.count("BYE "):
            await around.client.stop_dialout(session_id)
        bye = await agent.receive("BYE ", within=AT_ONCE_S)
        await dialog.answer("200 OK", to=bye)


_register_media()


@case("offer with RTCP at another machine", f"a=rtcp:7000 IN IP4 {FOREIGN}\r\n")
@case("offer with RTCP at a name", f"a=rtcp:7000 IN IP4 {NAME}\r\n")
@case("offer with a second audio section elsewhere", f"m=audio 7000 RTP/AVP 0\r\nc=IN IP4 {FOREIGN}\r\n")
@case(
    "offer with a refused section before one elsewhere",
    f"m=audio 0 RTP/AVP 0\r\nm=audio 7000 RTP/AVP 0\r\nc=IN IP4 {NEIGHBOUR}\r\n",
)
@case(
    "offer with video at another machine", f"m=video 7002 RTP/AVP 97\r\nc=IN IP4 {FOREIGN}\r\na=rtpmap:97 VP8/90000\r\n"
)
@case("offer with video at a name", f"m=video 7002 RTP/AVP 97\r\nc=IN IP4 {NAME}\r\na=rtpmap:97 VP8/90000\r\n")
async def offered_more(around: Surroundings, lines: str) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        sdp = audio_sdp(rtp.port) + lines
        if lines.startswith("m=audio 0"):
            sdp = audio_sdp(rtp.port).partition("m=")[0] + lines
        dialog = RawDialog.calling(agent, around.room.sip_uris[0], through=around.front_door)
        response = await dialog.call(sdp)
        if response.start.startswith("SIP/2.0 200"):
            await asyncio.sleep(0.3)
            await dialog.request("BYE")
            await agent.receive("SIP/2.0 200", "BYE ", within=AT_ONCE_S)


@case("video dialled out to another machine", f"IP4 {FOREIGN}")
@case("video dialled out to a name", f"IP4 {NAME}")
async def answered_video(around: Surroundings, address: str) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        session_id = await around.client.start_dialout({"sipUri": agent.uri, "video": True})
        dialog = await RawDialog.called(agent)
        video = f"m=video 7002 RTP/AVP 97\r\nc=IN {address}\r\na=rtpmap:97 VP8/90000\r\n"
        await dialog.answer("200 OK", audio_sdp(rtp.port) + video)
        await agent.receive("ACK ", within=AT_ONCE_S)
        await around.client.wait_for("dialout-answered")
        await asyncio.sleep(0.3)
        await bye_arrives(around, agent, dialog, session_id)
