"""When a session description counts: when the exchange of offer and answer is complete, and not before (RFC 3264)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.network import Network
from tests.interop.public_cases.descriptions import (
    PORT,
    RawCall,
    audio,
    dialled,
    dialling_in,
    event_of,
    sdp,
    section,
    talks,
    worker_deaths,
)
from tests.interop.public_cases.raw_rtp import RtpSocket
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent, audio_sdp

G729 = sdp(section(f"audio {PORT} RTP/AVP 18"))
USABLE = sdp(audio(PORT))


@pytest.fixture
async def elsewhere() -> AsyncIterator[RtpSocket]:
    """A port that is described and never accepted."""
    async with RtpSocket() as rtp:
        yield rtp


async def rtp_stays(call: RawCall, elsewhere: RtpSocket) -> None:
    """Wait for RTP where it went before, and check that none goes elsewhere."""
    for _ in range(3):
        await call.rtp.receives(after=len(call.rtp.packets))
    assert elsewhere.packets == []


def foreign_tag(dialog: RawDialog) -> Mapping[str, str]:
    return {"To": dialog.remote.partition(";tag=")[0] + ";tag=unknown"}


@pytest.mark.parametrize(
    ("method", "description", "status"),
    [
        ("INVITE", G729, "488"),
        ("UPDATE", G729, "488"),
        ("INVITE", "hello", "488"),
        ("UPDATE", "hello", "488"),
        ("INVITE", sdp(section(f"audio {PORT} RTP/SAVP 0")), "488"),
        ("UPDATE", sdp(audio(PORT), session="c=IN IP6 ::1"), "488"),
        ("INVITE", sdp(audio(0)), "488"),
        ("INFO", USABLE, "200"),
        ("MESSAGE", USABLE, ""),
    ],
    ids=[
        "INVITE G729",
        "UPDATE G729",
        "INVITE broken",
        "UPDATE broken",
        "INVITE SAVP",
        "UPDATE IPv6",
        "INVITE port 0",
        "INFO",
        "MESSAGE",
    ],
)
async def test_a_request_that_is_refused_or_no_offer_changes_nothing(
    fake_daily: FakeDaily,
    daily_room: RoomHandle,
    daily_client: Client,
    elsewhere: RtpSocket,
    method: str,
    description: str,
    status: str,
) -> None:
    async with dialling_in(fake_daily, daily_room, daily_client) as call:
        await call.rtp.receives()
        await call.dialog.request(method, description.replace(PORT, str(elsewhere.port)))
        response = await call.dialog.final_response()
        assert status in response.start
        if method == "INVITE":
            await call.dialog.request("ACK")
        await rtp_stays(call, elsewhere)


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
@pytest.mark.parametrize("wrong", ["tag", "CSeq"])
async def test_a_request_outside_of_the_dialog_changes_nothing(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, elsewhere: RtpSocket, method: str, wrong: str
) -> None:
    async with dialling_in(fake_daily, daily_room, daily_client) as call:
        await call.rtp.receives()
        how = {"cseq": 0} if wrong == "CSeq" else {"headers": foreign_tag(call.dialog)}
        await call.dialog.request(method, USABLE.replace(PORT, str(elsewhere.port)), **how)
        response = await call.agent.receive("SIP/2.0 4", "SIP/2.0 5")
        assert response.start.split()[1] in ("481", "500")
        await rtp_stays(call, elsewhere)


async def test_an_ack_with_a_description_changes_nothing_once_the_offer_is_answered(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, elsewhere: RtpSocket
) -> None:
    async with dialling_in(fake_daily, daily_room, daily_client) as call:
        await call.rtp.receives()
        await call.dialog.request("INVITE", USABLE.replace(PORT, str(call.rtp.port)))
        await call.dialog.final_response()
        await call.dialog.request("ACK", USABLE.replace(PORT, str(elsewhere.port)))
        await call.dialog.request("ACK", USABLE.replace(PORT, str(elsewhere.port)))
        await rtp_stays(call, elsewhere)


async def test_a_200_that_is_sent_again_with_another_description_changes_nothing(
    daily_client: Client, elsewhere: RtpSocket
) -> None:
    async with dialled(daily_client) as call:
        await call.rtp.receives()
        await call.dialog.answer("200 OK", USABLE.replace(PORT, str(elsewhere.port)))
        await call.agent.receive("ACK ")
        await rtp_stays(call, elsewhere)


async def test_the_200_of_another_fork_changes_nothing(daily_client: Client, elsewhere: RtpSocket) -> None:
    async with dialled(daily_client) as call:
        await call.rtp.receives()
        own = call.dialog.local
        call.dialog.local = own.partition(";tag=")[0] + ";tag=another"
        await call.dialog.answer("200 OK", USABLE.replace(PORT, str(elsewhere.port)))
        bye = await call.agent.receive("BYE ")
        assert "another" in (bye.header("To") or "")
        await call.dialog.answer("200 OK", to=bye)
        call.dialog.local = own
        await rtp_stays(call, elsewhere)


async def test_the_200_counts_more_than_an_unreliable_183(daily_client: Client, elsewhere: RtpSocket) -> None:
    """An unreliable provisional response may be lost, so that the answer is in the 200 (RFC 3261 §13.2.1)."""
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        session_id = await daily_client.start_dialout({"sipUri": agent.uri})
        dialog = await RawDialog.called(agent)
        await dialog.answer("183 Session Progress", USABLE.replace(PORT, str(elsewhere.port)))
        await elsewhere.receives()
        await dialog.answer("200 OK", USABLE.replace(PORT, str(rtp.port)))
        await agent.receive("ACK ")
        await rtp.receives()
        assert dialog.invite
        assert await rtp.sender() == RawCall(agent, dialog, rtp, dialog.invite).media
        await daily_client.stop_dialout(session_id)
        await dialog.answer("200 OK", to=await agent.receive("BYE "))


@pytest.mark.parametrize(
    "again", [USABLE, USABLE.replace("telephone-event", "TELEPHONE-EVENT") + "\r\n", G729, "hello"]
)
async def test_media_go_on_through_the_relay_when_the_200_repeats_the_answer_of_a_183(
    daily_client: Client, again: str
) -> None:
    """A description that cannot be used is ignored after a usable one (RFC 3261 §13.2.1)."""
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        session_id = await daily_client.start_dialout({"sipUri": agent.uri})
        dialog = await RawDialog.called(agent)
        await dialog.answer("183 Session Progress", USABLE.replace(PORT, str(rtp.port)))
        await rtp.receives()
        await dialog.answer("200 OK", again.replace(PORT, str(rtp.port)))
        await agent.receive("ACK ")
        await daily_client.wait_for("dialout-answered", where={"sessionId": session_id})
        assert dialog.invite
        call = RawCall(agent, dialog, rtp, dialog.invite)
        assert await rtp.sender() == call.media
        await talks(call, daily_client, payload_type=event_of(dialog.invite.sdp))
        await daily_client.stop_dialout(session_id)
        await dialog.answer("200 OK", to=await agent.receive("BYE "))


SECTIONS = {
    "one more, refused, before": section("audio 0 RTP/AVP 0") + audio(PORT),
    "one more, refused, after": audio(PORT) + section("video 0 RTP/AVP 97"),
    "one more, usable": audio(PORT) + audio(40000),
    "fifteen more": audio(PORT) + section("video 0 RTP/AVP 97") * 15,
}


@pytest.mark.parametrize("sections", SECTIONS.values(), ids=SECTIONS)
@pytest.mark.parametrize("early", [True, False], ids=["183 and 200", "200"])
async def test_an_answer_with_more_sections_than_the_offer(
    fake_daily: FakeDaily, daily_client: Client, sections: str, early: bool
) -> None:
    """An answer has the sections of the offer (RFC 3264 §6); PJSIP aborts when it has more."""
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        session_id = await daily_client.start_dialout({"sipUri": agent.uri})
        dialog = await RawDialog.called(agent)
        answer = sdp(sections).replace(PORT, str(rtp.port))
        if early:
            await dialog.answer("183 Session Progress", answer)
            await rtp.receives()
        await dialog.answer("200 OK", answer)
        await agent.receive("ACK ")
        await daily_client.wait_for("dialout-answered", where={"sessionId": session_id})
        assert dialog.invite
        call = RawCall(agent, dialog, rtp, dialog.invite)
        await talks(call, daily_client, payload_type=event_of(dialog.invite.sdp))
        await daily_client.stop_dialout(session_id)
        await dialog.answer("200 OK", to=await agent.receive("BYE "))
    assert worker_deaths(fake_daily) == []


async def test_a_description_in_the_200_changes_nothing_after_a_reliable_183(
    daily_client: Client, elsewhere: RtpSocket
) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        session_id = await daily_client.start_dialout({"sipUri": agent.uri})
        dialog = await RawDialog.called(agent)
        reliable = {"Require": "100rel", "RSeq": "1"}
        await dialog.answer("183 Session Progress", USABLE.replace(PORT, str(rtp.port)), headers=reliable)
        await dialog.answer("200 OK", to=await agent.receive("PRACK "))
        await dialog.answer("200 OK", USABLE.replace(PORT, str(elsewhere.port)))
        await agent.receive("ACK ")
        assert dialog.invite
        await rtp_stays(RawCall(agent, dialog, rtp, dialog.invite), elsewhere)
        await daily_client.stop_dialout(session_id)
        await dialog.answer("200 OK", to=await agent.receive("BYE "))


async def test_an_invite_that_is_sent_again_with_another_description_changes_nothing(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, elsewhere: RtpSocket
) -> None:
    async with dialling_in(fake_daily, daily_room, daily_client) as call:
        await call.rtp.receives()
        reinvite = call.dialog.text("INVITE", USABLE.replace(PORT, str(call.rtp.port)))
        again = reinvite.replace(f"m=audio {call.rtp.port}", f"m=audio {elsewhere.port}")
        for text in (reinvite, again):
            await call.agent.send(text, call.dialog.peer)
        await call.dialog.final_response()
        await call.dialog.request("ACK")
        await rtp_stays(call, elsewhere)


async def test_an_accepted_reinvite_and_update_move_the_media(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with dialling_in(fake_daily, daily_room, daily_client) as call:
        for method in ("INVITE", "UPDATE"):
            async with RtpSocket() as moved:
                await call.dialog.request(method, USABLE.replace(PORT, str(moved.port)))
                assert (await call.dialog.final_response()).sdp
                if method == "INVITE":
                    await call.dialog.request("ACK")
                await moved.receives()


@pytest.mark.parametrize("formats", ["0", "0 101"])
async def test_an_offer_in_an_update_before_the_answer_is_refused(phone_network: Network, formats: str) -> None:
    """RFC 3311 §5.2: the offer of the INVITE has no answer yet."""
    phone = await phone_network.phone("+12065550142", calls="wait")
    async with RawUserAgent() as agent:
        host, _, port = phone_network.address.partition(":")
        dialog = RawDialog.calling(agent, phone.uri, through=(host, int(port)))
        await dialog.request("INVITE", audio_sdp(40000, formats))
        dialog.established(await agent.receive("SIP/2.0 180"))
        await dialog.request("UPDATE", audio_sdp(40002, formats))
        response = await agent.final_response("2 UPDATE")
        assert response.status[0] in (491, 500, 504)
        call = await phone.wait_for_call()
        assert call.state in ("incoming", "ringing")
    logged = [str(record) for record in phone_network.timeline.records(kind="worker")]
    assert not any("could not be read" in line for line in logged), logged
