"""Answered calls of a raw user agent: into a room, or dialled out by it, each with an RTP socket and the peer's SDP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.dtmf_senders import EventPacket
from tests.interop.public_cases.raw_rtp import RtpSocket
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent, audio_sdp, rtp_address

EVENT_TYPE = 101
TELEPHONE_EVENT = f"a=rtpmap:{EVENT_TYPE} telephone-event/8000\r\n"


@dataclass
class RawCall:
    """An answered call; `peer_sdp` is the description of the room's side."""

    agent: RawUserAgent
    dialog: RawDialog
    rtp: RtpSocket
    peer_sdp: str
    session_id: str

    async def send_train(self, *train: EventPacket, ssrc: int = 0x5EED, sequence: int = 1000, base: int = 0) -> None:
        """Send telephone-event packets at their times; `base` is added to their timestamps."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        for number, packet in enumerate(train):
            await asyncio.sleep(max(0.0, started + packet.at_ms / 1000 - loop.time()))
            self.rtp.send(
                rtp_address(self.peer_sdp),
                packet.payload,
                payload_type=EVENT_TYPE,
                marker=packet.marker,
                sequence=sequence + (number if packet.repeats is None else packet.repeats),
                timestamp=base + packet.timestamp,
                ssrc=ssrc + packet.stream,
            )

    async def respond(self, status: str, method: str, **how: object) -> None:
        """Wait for the next request with this method and answer it."""
        request = await self.agent.receive(f"{method} ")
        await self.dialog.answer(status, to=request, **how)  # type: ignore[arg-type]


@asynccontextmanager
async def dialled_in(
    daily: FakeDaily, room: RoomHandle, client: Client, *, sdp: Callable[[int], str] = audio_sdp
) -> AsyncIterator[RawCall]:
    """A call from a raw user agent into a room, which is hung up at the end; `sdp` gets the port of its RTP socket."""
    host, _, port = daily.network.address.partition(":")
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        dialog = RawDialog.calling(agent, room.sip_uris[0], through=(host, int(port)))
        response = await dialog.call(sdp(rtp.port))
        assert response.sdp, response.start
        connected = await client.wait_for("dialin-connected", where={"sipCallId": dialog.call_id})
        await client.wait_for("participant-joined")
        yield RawCall(agent, dialog, rtp, response.sdp, connected["sessionId"])
        await dialog.request("BYE")
        await client.wait_for("dialin-stopped")


@asynccontextmanager
async def dialled_out(
    client: Client,
    *,
    formats: str = "0 101",
    attributes: str = TELEPHONE_EVENT,
    rtp_port: int | None = None,
    **options: object,
) -> AsyncIterator[RawCall]:
    """A call from a room to a raw user agent, which answers with these formats; `options` are those of startDialOut.

    Its answer names the port of its RTP socket, unless `rtp_port` is another one.
    """
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        session_id = await client.start_dialout({"sipUri": agent.uri, **options})
        dialog = await RawDialog.called(agent)
        assert dialog.invite is not None
        assert dialog.invite.sdp
        await dialog.answer("200 OK", audio_sdp(rtp_port or rtp.port, formats, attributes))
        await agent.receive("ACK ")
        await client.wait_for("dialout-answered", where={"sessionId": session_id})
        yield RawCall(agent, dialog, rtp, dialog.invite.sdp, session_id)
        if not any(event["action"] == "dialout-stopped" for event in client.events):
            await client.stop_dialout(session_id)
            await dialog.answer("200 OK", to=await agent.receive("BYE "))
            await client.wait_for("dialout-stopped")
