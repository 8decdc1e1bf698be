"""Session descriptions and the calls that the tests of them have in common."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.dtmf import DIGITS
from simulator.useragent.sip_text import SipMessage
from tests.interop.public_cases.raw_rtp import HOST, RtpSocket, digit_packets
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent

EVENTS = "a=rtpmap:101 telephone-event/8000"
PORT = "<port>"
"""Stands for the port of the caller's or callee's RTP."""
SILENCE = b"\xff" * 160
"""20 ms of PCMU."""


def sdp(*sections: str, session: str = f"c=IN IP4 {HOST}") -> str:
    """A description with these sections; `session` replaces its `c=` line."""
    return f"v=0\r\no=- 1 1 IN IP4 {HOST}\r\ns=-\r\n{session}\r\nt=0 0\r\n" + "".join(sections)


def section(media: str, *attributes: str) -> str:
    """One section, such as `audio 4000 RTP/AVP 0`, and its lines."""
    return "".join(f"{line}\r\n" for line in (f"m={media}", *attributes))


def audio(port: int | str, formats: str = "0 101", *attributes: str) -> str:
    """An audio section over plain RTP, with telephone-event as 101 unless `attributes` are given."""
    return section(f"audio {port} RTP/AVP {formats}", *(attributes or (EVENTS,)))


def front_door(daily: FakeDaily) -> tuple[str, int]:
    """Host and port of the SIP address."""
    host, _, port = daily.network.address.partition(":")
    return host, int(port)


@dataclass
class RawCall:
    """A call between a raw user agent and a room that is up."""

    agent: RawUserAgent
    dialog: RawDialog
    rtp: RtpSocket
    response: SipMessage
    """The 200 that answered it, or the INVITE that was answered."""

    @property
    def media(self) -> tuple[str, int]:
        """Where the room wants its RTP: the address of the first audio section that is accepted."""
        sdp_text = self.response.sdp or ""
        found = re.search(r"^m=audio ([1-9]\d*) [^\n]*\nc=IN IP4 (\S+)", sdp_text, re.MULTILINE)
        assert found, sdp_text
        return found[2], int(found[1])

    async def hang_up(self) -> None:
        """Send BYE and wait for its 200."""
        await self.dialog.request("BYE")
        await self.agent.receive("SIP/2.0 200")


@asynccontextmanager
async def dialling_in(
    daily: FakeDaily, room: RoomHandle, client: Client, offer: str = sdp(audio(PORT)), **how: object
) -> AsyncIterator[RawCall]:
    """A raw user agent that calls the room, until it hangs up. In `offer`, `PORT` stands for the port of its RTP."""
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        dialog = RawDialog.calling(agent, room.sip_uris[0], through=front_door(daily))
        response = await dialog.call(offer.replace(PORT, str(rtp.port)), **how)
        assert response.start.startswith("SIP/2.0 200"), response.start
        await client.wait_for(["dialin-connected", "participant-joined"])
        yield RawCall(agent, dialog, rtp, response)
        await dialog.request("BYE")
        await agent.receive("SIP/2.0 200")
        await client.wait_for("dialin-stopped")


@asynccontextmanager
async def dialled(client: Client, answer: str = sdp(audio(PORT))) -> AsyncIterator[RawCall]:
    """A raw user agent that the room dials and that answers, until the room hangs up."""
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        session_id = await client.start_dialout({"sipUri": agent.uri})
        dialog = await RawDialog.called(agent)
        await dialog.answer("200 OK", answer.replace(PORT, str(rtp.port)))
        await agent.receive("ACK ")
        await client.wait_for("dialout-answered", where={"sessionId": session_id})
        assert dialog.invite
        yield RawCall(agent, dialog, rtp, dialog.invite)
        await client.stop_dialout(session_id)
        bye = await agent.receive("BYE ")
        await dialog.answer("200 OK", to=bye)
        await client.wait_for("dialout-stopped")


def worker_deaths(daily: FakeDaily) -> list[str]:
    """Timeline records of workers that died."""
    return [str(record) for record in daily.timeline.records(kind="worker") if record.fields.get("action") == "crashed"]


async def talks(call: RawCall, client: Client, digit: str = "7", *, payload_type: int = 101) -> None:
    """Check both directions: RTP of the room arrives, and the room hears a digit."""
    await call.rtp.receives(after=len(call.rtp.packets))
    for marker, payload in digit_packets(DIGITS.index(digit)):
        call.rtp.send(call.media, payload, payload_type=payload_type, marker=marker, timestamp=1000)
    await client.wait_for("dtmf-event", where={"tone": digit})


def event_of(sdp_text: str | None, clock: int = 8000) -> int:
    """Payload type of the telephone-event with this clock rate."""
    found = re.search(rf"^a=rtpmap:(\d+) telephone-event/{clock}", sdp_text or "", re.MULTILINE)
    assert found, sdp_text
    return int(found[1])


def ports(sdp_text: str | None) -> list[tuple[str, bool]]:
    """Kind of each section, and whether it is accepted."""
    return [(kind, port != "0") for kind, port in re.findall(r"^m=(\S+) (\d+)", sdp_text or "", re.MULTILINE)]
