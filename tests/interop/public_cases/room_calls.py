"""Calls between a raw user agent and a room, answered in both directions."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.useragent.sip_text import SipMessage
from tests.interop.public_cases.raw_rtp import RtpSocket
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent, Transport, audio_sdp

PCMU = "a=rtpmap:101 telephone-event/8000\r\n"


def front_door(daily: FakeDaily) -> tuple[str, int]:
    host, _, port = daily.network.address.partition(":")
    return host, int(port)


def tag(value: str) -> str:
    """The tag of a From or To value."""
    found = re.search(r";tag=([^;]+)", value)
    assert found, value
    return found[1]


@dataclass
class RawCall:
    """An answered call: the raw user agent, its dialog and its RTP socket."""

    agent: RawUserAgent
    dialog: RawDialog
    rtp: RtpSocket
    session_id: str

    async def response_to(self, method: str, body: str = "", **how: object) -> SipMessage:
        """Send a request of the dialog and return its final response."""
        text = self.dialog.text(method, body, **how)  # type: ignore[arg-type]
        await self.agent.send(text, self.dialog.peer)
        return await self.agent.final_response(f"{self.dialog.cseq} {method}")


@asynccontextmanager
async def dialled_in(
    daily: FakeDaily,
    room: RoomHandle,
    client: Client,
    *,
    transport: Transport = "udp",
    endpoint: int = 0,
    headers: dict[str, str | None] | None = None,
) -> AsyncIterator[RawCall]:
    """A call from a raw user agent to an endpoint of the room, which has joined."""
    async with RawUserAgent(transport) as agent, RtpSocket() as rtp:
        dialog = RawDialog.calling(agent, room.sip_uris[endpoint], through=front_door(daily))
        await dialog.call(audio_sdp(rtp.port), headers=headers)
        connected, _ = await client.wait_for(["dialin-connected", "participant-joined"])
        yield RawCall(agent, dialog, rtp, connected["sessionId"])


@asynccontextmanager
async def dialled_out(
    client: Client, *, sdp_formats: str = "0 101", attributes: str = PCMU, **options: object
) -> AsyncIterator[RawCall]:
    """A call from the room to a raw user agent, which has answered; `options` are those of startDialOut."""
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        session_id = await client.start_dialout({"sipUri": agent.uri, **options})
        dialog = await RawDialog.called(agent)
        await dialog.answer("200 OK", audio_sdp(rtp.port, sdp_formats, attributes))
        await agent.receive("ACK ")
        await client.wait_for("dialout-answered", where={"sessionId": session_id})
        yield RawCall(agent, dialog, rtp, session_id)


@asynccontextmanager
async def calling(daily: FakeDaily, target: str, headers: dict[str, str | None]) -> AsyncIterator[SipMessage]:
    """The final response to an INVITE with these fields; an accepted call is up until the end of the context."""
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        dialog = RawDialog.calling(agent, target, through=front_door(daily))
        await dialog.request("INVITE", audio_sdp(rtp.port), headers=headers)
        response = await agent.final_response("1 INVITE", within=1)
        if response.status[0] != 200:
            yield response
            return
        dialog.established(response)
        dialog.local = headers.get("From") or dialog.local
        await dialog.request("ACK")
        yield response
        await dialog.request("BYE")
        await agent.final_response("2 BYE")


async def called_with(daily: FakeDaily, target: str, headers: dict[str, str | None]) -> SipMessage:
    """The final response to an INVITE with these fields; an accepted call is ended at once."""
    async with calling(daily, target, headers) as response:
        return response
