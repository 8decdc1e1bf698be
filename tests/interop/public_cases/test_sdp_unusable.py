"""Session descriptions that cannot be used: one error each, no dead worker, no call left standing."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.handles.webhook_receiver import WebhookReceiver
from fake_daily_server.server import FakeDaily
from simulator.network import Network
from tests.integration.pstn.conftest import NUMBER, pinless_domain
from tests.interop.public_cases.descriptions import (
    PORT,
    audio,
    dialling_in,
    front_door,
    sdp,
    section,
    worker_deaths,
)
from tests.interop.public_cases.raw_rtp import RtpSocket
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent

G729 = section(f"audio {PORT} RTP/AVP 18")
UNUSABLE = {
    "port 0": sdp(audio(0)),
    "G729 only": sdp(G729),
    "AMR only": sdp(section(f"audio {PORT} RTP/AVP 96", "a=rtpmap:96 AMR/8000")),
    "broken": "hello\r\n",
    "no m= line": sdp(),
    "m= line without formats": sdp(section(f"audio {PORT} RTP/AVP")),
    "SAVP": sdp(section(f"audio {PORT} RTP/SAVP 0", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x")),
    "DTLS": sdp(section(f"audio {PORT} UDP/TLS/RTP/SAVPF 0", "a=setup:active", "a=fingerprint:sha-256 AB")),
    "video only": sdp(section(f"video {PORT} RTP/AVP 97", "a=rtpmap:97 VP8/90000")),
    "IPv6": sdp(audio(PORT), session="c=IN IP6 ::1"),
    "a name": sdp(audio(PORT), session="c=IN IP4 peer.invalid"),
    "telephone-event only": sdp(audio(PORT, "101")),
    "seventeen sections": sdp(*[audio(PORT)] * 17),
}


@pytest.mark.parametrize("sdp_text", UNUSABLE.values(), ids=UNUSABLE)
async def test_an_unusable_answer_in_a_183_is_as_good_as_none(
    fake_daily: FakeDaily, daily_client: Client, sdp_text: str
) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        session_id = await daily_client.start_dialout({"sipUri": agent.uri})
        dialog = await RawDialog.called(agent)
        await dialog.answer("183 Session Progress", sdp_text.replace(PORT, str(rtp.port)))
        await daily_client.wait_for("dialout-connected", where={"sessionId": session_id})
        await dialog.answer("200 OK", sdp(audio(rtp.port)))
        await agent.receive("ACK ")
        await daily_client.wait_for("dialout-answered", where={"sessionId": session_id})
        await rtp.receives()
        await daily_client.stop_dialout(session_id)
        await dialog.answer("200 OK", to=await agent.receive("BYE "))
        await daily_client.wait_for("dialout-stopped")
    assert worker_deaths(fake_daily) == []


@pytest.mark.parametrize(
    ("body", "content_type"),
    [("hello", "text/plain"), ("\x01\x02", "application/isup"), (sdp(audio(PORT)), "application/sdpfrag")],
)
async def test_a_183_with_another_body_is_ringing(
    fake_daily: FakeDaily, daily_client: Client, body: str, content_type: str
) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        session_id = await daily_client.start_dialout({"sipUri": agent.uri})
        dialog = await RawDialog.called(agent)
        await dialog.answer("183 Session Progress", body, content_type=content_type)
        await dialog.answer("200 OK", sdp(audio(rtp.port)))
        await agent.receive("ACK ")
        await daily_client.wait_for("dialout-answered", where={"sessionId": session_id})
        await rtp.receives()
        await daily_client.stop_dialout(session_id)
        await dialog.answer("200 OK", to=await agent.receive("BYE "))
    assert worker_deaths(fake_daily) == []


async def test_early_media_after_an_unusable_183(daily_client: Client) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        await daily_client.start_dialout({"sipUri": agent.uri})
        dialog = await RawDialog.called(agent)
        await dialog.answer("183 Session Progress", sdp(audio(0)))
        await dialog.answer("183 Session Progress", sdp(audio(rtp.port)))
        await rtp.receives()
        await dialog.answer("486 Busy Here")
        await daily_client.wait_for("dialout-error")


@pytest.mark.parametrize("sdp_text", UNUSABLE.values(), ids=UNUSABLE)
async def test_an_unusable_offer_is_refused_with_one_error(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, sdp_text: str
) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        dialog = RawDialog.calling(agent, daily_room.sip_uris[0], through=front_door(fake_daily))
        response = await dialog.call(sdp_text.replace(PORT, str(rtp.port)))
        assert response.start.startswith(("SIP/2.0 488", "SIP/2.0 400"))
        error = await daily_client.wait_for("dialin-error")
        assert error["type"] == "start-failed"
    assert [event["action"] for event in daily_client.events if event["action"].startswith("dialin")] == [
        "dialin-ready",
        "dialin-connected",
        "dialin-error",
    ]
    assert worker_deaths(fake_daily) == []


async def test_an_offer_in_another_body_is_refused_with_415(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with RawUserAgent() as agent:
        dialog = RawDialog.calling(agent, daily_room.sip_uris[0], through=front_door(fake_daily))
        response = await dialog.call("hello", content_type="text/plain")
        assert response.start.startswith("SIP/2.0 415")
        assert (await daily_client.wait_for("dialin-error"))["type"] == "start-failed"


async def test_a_phone_refuses_an_unusable_offer_with_a_record(phone_network: Network) -> None:
    phone = await phone_network.phone("+12065550142", calls=["wait"])
    host, _, port = phone_network.address.partition(":")
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        dialog = RawDialog.calling(agent, phone.uri, through=(host, int(port)))
        response = await dialog.call(sdp(G729).replace(PORT, str(rtp.port)))
        assert response.start.startswith("SIP/2.0 488")
        call = await phone.wait_for_call()
        await call.wait_for_end()
    records = [record for record in phone_network.timeline.records(kind="phone") if "error" in record.fields]
    assert len(records) == 1
    assert "G729" in records[0].fields["error"]


# --- the answer to our own offer --------------------------------------------------------------------------------


@pytest.mark.parametrize("body", ["", sdp(G729), "hello", sdp(audio(0))], ids=["no body", "G729", "broken", "port 0"])
async def test_an_ack_without_a_usable_answer_ends_the_call(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, body: str
) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        dialog = RawDialog.calling(agent, daily_room.sip_uris[0], through=front_door(fake_daily))
        await dialog.request("INVITE")
        response = await agent.receive("SIP/2.0 200")
        assert response.sdp
        dialog.established(response)
        await dialog.request("ACK", body.replace(PORT, str(rtp.port)))
        await dialog.answer("200 OK", to=await agent.receive("BYE "))
        assert (await daily_client.wait_for("dialin-error"))["type"] == "start-failed"
        async with dialling_in(fake_daily, daily_room, daily_client):
            pass


@pytest.mark.parametrize("body", ["", sdp(G729), "hello", sdp(audio(0))], ids=["no body", "G729", "broken", "port 0"])
async def test_a_200_without_a_usable_answer_ends_the_call(daily_client: Client, body: str) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        await daily_client.start_dialout({"sipUri": agent.uri})
        dialog = await RawDialog.called(agent)
        await dialog.answer("200 OK", body.replace(PORT, str(rtp.port)))
        await agent.receive("ACK ")
        await dialog.answer("200 OK", to=await agent.receive("BYE "))
        error = await daily_client.wait_for("dialout-error")
        assert "no common codec" in error["errorMsg"]
        assert [message.start.split()[0] for message in agent.messages].count("BYE") == 1


async def test_a_reliable_183_with_an_unusable_answer_ends_with_one_error(daily_client: Client) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        await daily_client.start_dialout({"sipUri": agent.uri})
        dialog = await RawDialog.called(agent)
        await dialog.answer(
            "183 Session Progress",
            sdp(G729).replace(PORT, str(rtp.port)),
            headers={"Require": "100rel", "RSeq": "1"},
        )
        await dialog.answer("200 OK", to=await agent.receive("PRACK "))
        await dialog.answer("200 OK")
        await agent.receive("ACK ")
        await dialog.answer("200 OK", to=await agent.receive("BYE "))
        await daily_client.wait_for("dialout-error")
        assert agent.count("CANCEL") == 0
        assert [event["action"] for event in daily_client.events].count("dialout-error") == 1


async def test_a_reliable_183_with_an_unusable_answer_and_a_usable_200(daily_client: Client) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        session_id = await daily_client.start_dialout({"sipUri": agent.uri})
        dialog = await RawDialog.called(agent)
        await dialog.answer("183 Session Progress", sdp(audio(0)), headers={"Require": "100rel", "RSeq": "1"})
        await dialog.answer("200 OK", to=await agent.receive("PRACK "))
        await dialog.answer("200 OK", sdp(audio(rtp.port)))
        await agent.receive("ACK ")
        await rtp.receives()
        await daily_client.stop_dialout(session_id)
        await dialog.answer("200 OK", to=await agent.receive("BYE "))
        await daily_client.wait_for("dialout-stopped")


async def test_a_reinvite_whose_answer_cannot_be_used_changes_nothing(phone_network: Network) -> None:
    phone = await phone_network.phone("+12065550142")
    host, _, port = phone_network.address.partition(":")
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        dialog = RawDialog.calling(agent, phone.uri, through=(host, int(port)))
        await dialog.call(sdp(audio(rtp.port)))
        call = await phone.wait_for_call()
        await call.wait_answered()
        await rtp.receives()
        changing = asyncio.create_task(call.change_codec(["PCMA"]))
        reinvite = await agent.receive("INVITE ")
        await dialog.answer("200 OK", sdp(G729).replace(PORT, str(rtp.port)), to=reinvite)
        await agent.receive("ACK ")
        with pytest.raises(Exception, match="G729"):
            await changing
        await rtp.receives(after=len(rtp.packets))
        assert call.media
        assert call.media.codec == "PCMU"
        await dialog.request("BYE")
        await call.wait_for_end()


# --- callers in no room -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PIN caller", "held caller"])
@pytest.mark.parametrize("offer", ["", sdp(G729)], ids=["late offer, no answer", "G729"])
async def test_a_caller_in_no_room_without_media_is_an_error_for_webhooks(
    fake_daily: FakeDaily, daily_webhook: WebhookReceiver, kind: str, offer: str
) -> None:
    async with pinless_domain(fake_daily) if kind == "held caller" else nullcontext():
        number = NUMBER if kind == "held caller" else (await fake_daily.create_room(dialin={})).config["dialin_number"]
        async with RawUserAgent() as agent:
            uri = f"sip:{number}@{fake_daily.network.address}"
            dialog = RawDialog.calling(agent, uri, through=front_door(fake_daily))
            response = await dialog.call(offer.replace(PORT, "40000"))
            if not offer:
                await dialog.answer("200 OK", to=await agent.receive("BYE "))
            else:
                assert response.start.startswith("SIP/2.0 488")
            error = (await daily_webhook.wait_for("dialin.error"))["payload"]
            assert (error["room"], error["error_msg"].partition(":")[0]) == ("", "SDP negotiation failed")
    failures = [record for record in fake_daily.timeline.records(kind="roomless") if record.fields["action"] == "fails"]
    assert [record.fields["sip_call_id"] for record in failures] == [dialog.call_id]
