"""Peers elsewhere get the public address in Via, Contact, Record-Route and session descriptions."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from simulator.useragent.sip_text import SipMessage
from tests.interop.public_cases.raw_rtp import RtpSocket
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent, Transport, audio_sdp
from tests.interop.public_cases.room_calls import front_door

PUBLIC = "192.0.2.7"
HOST_OF = {
    "Via": re.compile(r"SIP/2\.0/\w+ ([\d.]+)"),
    "Contact": re.compile(r"@([\d.]+)"),
    "Record-Route": re.compile(r"<sip:([\d.]+)"),
}


class RoutedUserAgent(RawUserAgent):
    """A user agent elsewhere: what it sends to the public address arrives at the server, as a router would do."""

    async def send(self, text: str | bytes, to: tuple[str, int]) -> None:
        """Send this through the router."""
        host, port = to
        await super().send(text, ("127.0.0.1" if host == PUBLIC else host, port))


def hosts(message: SipMessage, *names: str) -> dict[str, str | None]:
    """The hosts in these header fields, each in the first value, and in all lines of the description."""
    found = {name: HOST_OF[name].search(message.header(name) or "") for name in names}
    lines = set(re.findall(r"IN IP4 (\S+)", message.sdp or ""))
    assert len(lines) == 1, message.sdp
    return {**{name: match and match[1] for name, match in found.items()}, "SDP": lines.pop()}


@pytest.fixture(params=[True, False], ids=["relay", "no relay"])
async def public(request: pytest.FixtureRequest) -> AsyncIterator[tuple[FakeDaily, RoomHandle, Client]]:
    """A server with a public address, a room, and a client in it."""
    settings = Settings(port=0, sip_port=0, public_address=PUBLIC, sip_timers="fast", rtp_relay=request.param)
    async with FakeDaily(settings) as daily:
        room = await daily.create_room(enable_dialout=True, sip={"sip_mode": "dial-in", "display_name": "Caller"})
        yield daily, room, await daily.join(room)


async def test_an_invite_of_a_room(public: tuple[FakeDaily, RoomHandle, Client]) -> None:
    _, _, client = public
    async with RoutedUserAgent() as agent, RtpSocket() as rtp:
        session_id = await client.start_dialout({"sipUri": agent.uri})
        dialog = await RawDialog.called(agent)
        assert dialog.invite is not None
        assert hosts(dialog.invite, "Via", "Contact") == {"Via": PUBLIC, "Contact": PUBLIC, "SDP": PUBLIC}
        await dialog.answer("200 OK", audio_sdp(rtp.port))
        await agent.receive("ACK ")
        await rtp.receives()
        await client.wait_for("dialout-answered", where={"sessionId": session_id})
        await client.send_dtmf({"sessionId": session_id, "tones": "5", "method": "sip-info"})
        await dialog.answer("200 OK", to=await agent.receive("INFO "))
        await client.stop_dialout(session_id)
        bye = await agent.receive("BYE ")
        assert HOST_OF["Via"].search(bye.header("Via") or "")[1] == PUBLIC  # type: ignore[index]
        await dialog.answer("200 OK", to=bye)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_an_answer_of_a_room(public: tuple[FakeDaily, RoomHandle, Client], transport: Transport) -> None:
    daily, room, client = public
    async with RoutedUserAgent(transport) as agent, RtpSocket() as rtp:
        dialog = RawDialog.calling(agent, room.sip_uris[0], through=front_door(daily))
        response = await dialog.call(audio_sdp(rtp.port))
        expected = {"Contact": PUBLIC, "SDP": PUBLIC}
        if transport == "tcp":
            expected["Record-Route"] = PUBLIC
        assert hosts(response, *(name for name in expected if name != "SDP")) == expected
        await client.wait_for(["dialin-connected", "participant-joined"])
        await rtp.receives()
        await dialog.request("BYE")
        await agent.receive("SIP/2.0 200")
        await client.wait_for("dialin-stopped")
