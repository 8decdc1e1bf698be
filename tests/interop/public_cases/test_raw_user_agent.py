"""The raw user agent itself: it dials into a room and is dialled, with a digit each way."""

from __future__ import annotations

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from tests.interop.public_cases.raw_rtp import RtpSocket, digit_packets
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent, audio_sdp, rtp_address


def front_door(daily: FakeDaily) -> tuple[str, int]:
    host, _, port = daily.network.address.partition(":")
    return host, int(port)


async def test_it_dials_into_a_room(fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        dialog = RawDialog.calling(agent, daily_room.sip_uris[0], through=front_door(fake_daily))
        response = await dialog.call(audio_sdp(rtp.port))
        await daily_client.wait_for(["dialin-connected", "participant-joined"])
        assert response.sdp
        for marker, payload in digit_packets(7):
            rtp.send(rtp_address(response.sdp), payload, payload_type=101, marker=marker, timestamp=1000)
        await daily_client.wait_for("dtmf-event", where={"tone": "7"})
        await rtp.receives()
        await dialog.request("BYE")
        await agent.receive("SIP/2.0 200")
        await daily_client.wait_for("dialin-stopped")


async def test_it_is_dialled(daily_client: Client) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        session_id = await daily_client.start_dialout({"sipUri": agent.uri})
        dialog = await RawDialog.called(agent)
        await dialog.answer("200 OK", audio_sdp(rtp.port))
        await agent.receive("ACK ")
        await daily_client.wait_for("dialout-answered", where={"sessionId": session_id})
        await rtp.receives()
        await daily_client.stop_dialout(session_id)
        bye = await agent.receive("BYE ")
        await dialog.answer("200 OK", to=bye)
        await daily_client.wait_for("dialout-stopped")
