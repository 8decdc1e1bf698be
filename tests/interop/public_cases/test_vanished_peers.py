"""Peers that vanish during a call, without BYE: what they have sent, and no longer send, ends the call."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from simulator.network import Network
from simulator.phone_call import PhoneCall
from tests.interop.public_cases.raw_rtp import RtpSocket
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent, audio_sdp, rtp_address

LIMIT_S = 0.6
GONE = "Request Timeout: no RTP or RTCP came from the peer for 0.6 s (rtp_timeout)"
SILENCE = b"\xff" * 160


@dataclass
class Caller:
    """A raw user agent in a call with a phone."""

    call: PhoneCall
    agent: RawUserAgent
    dialog: RawDialog
    rtp: RtpSocket
    place: tuple[str, int]
    """Where the phone receives RTP."""
    network: Network

    def logged(self) -> list[str]:
        return [str(record) for record in self.network.timeline.records(kind="worker")]

    async def speak(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.02)):
            self.rtp.send(self.place, SILENCE)
            await asyncio.sleep(0.02)  # the pace of audio

    async def report(self, seconds: float) -> None:
        """Send receiver reports about what the phone sends (RFC 3550 §6.4.2)."""
        [heard, *_] = await self.rtp.receives()
        report = struct.pack("!BBHIIIIIII", 0x81, 201, 7, self.rtp.ssrc, heard.ssrc, 0, heard.sequence, 0, 0, 0)
        for _ in range(round(seconds / 0.1)):
            self.rtp.send_rtcp(report, (self.place[0], self.place[1] + 1))
            await asyncio.sleep(0.1)  # often enough for the limit

    async def offer(self, direction: str) -> None:
        sdp = audio_sdp(self.rtp.port, "0", f"a={direction}\r\n")
        assert (await self.dialog.reinvite(sdp)).status[0] == 200

    async def ended(self) -> str:
        ended = await self.call.wait_for_end(within=LIMIT_S + 3)
        assert (ended.status, ended.by) == (408, "local")
        await self.dialog.answer("200 OK", to=await self.agent.request("BYE"))
        return ended.reason


@asynccontextmanager
async def called(*, rtp_timeout: float | None = LIMIT_S, relay: bool = True) -> AsyncIterator[Caller]:
    async with (
        Network(sip_timers="fast", rtp_timeout=rtp_timeout, rtp_relay=relay) as network,
        RawUserAgent() as agent,
        RtpSocket() as rtp,
    ):
        phone = await network.phone("+12065550142", calls="answer")
        host, _, port = network.address.partition(":")
        dialog = RawDialog.calling(agent, phone.uri, through=(host, int(port)))
        response = await dialog.call(audio_sdp(rtp.port))
        assert response.sdp
        call = await phone.wait_for_call()
        await call.wait_answered()
        yield Caller(call, agent, dialog, rtp, rtp_address(response.sdp), network)


@pytest.mark.parametrize("relay", [True, False], ids=["relay", "direct"])
async def test_a_peer_that_spoke_and_vanishes(relay: bool) -> None:
    async with called(relay=relay) as caller:
        await caller.speak(2 * LIMIT_S)
        assert caller.call.ended is None
        assert await caller.ended() == GONE


async def test_a_peer_whose_port_is_closed_fills_no_log() -> None:
    async with called(relay=False) as caller:
        await caller.speak(LIMIT_S)
        await caller.rtp.__aexit__()
        assert await caller.ended() == GONE
        assert caller.logged() == []


async def test_a_peer_that_has_sent_reports_and_vanishes() -> None:
    async with called() as caller:
        await caller.report(2 * LIMIT_S)
        assert caller.call.ended is None
        assert await caller.ended() == GONE


async def test_a_peer_without_any_rtp_goes_on() -> None:
    async with called() as caller:
        await asyncio.sleep(2 * LIMIT_S)
        assert caller.call.state == "answered"


@pytest.mark.parametrize("direction", ["sendonly", "inactive", "recvonly"])
async def test_a_call_on_hold_goes_on(direction: str) -> None:
    async with called() as caller:
        await caller.speak(0.6)  # longer than the time between two looks at what has come
        await caller.offer(direction)
        await asyncio.sleep(2 * LIMIT_S)
        assert caller.call.state == "answered"
        await caller.offer("sendrecv")
        assert await caller.ended() == GONE


async def test_a_call_that_this_side_holds_goes_on() -> None:
    async with called() as caller:
        await caller.speak(0.2)
        holding = asyncio.create_task(caller.call.hold())
        invite = await caller.agent.request("INVITE")
        await caller.dialog.answer("200 OK", audio_sdp(caller.rtp.port, "0", "a=recvonly\r\n"), to=invite)
        await holding
        await asyncio.sleep(2 * LIMIT_S)
        assert caller.call.state == "answered"


async def test_without_a_limit_a_call_goes_on() -> None:
    async with called(rtp_timeout=None) as caller:
        await caller.speak(0.2)
        await asyncio.sleep(2 * LIMIT_S)
        assert caller.call.state == "answered"


async def test_the_endpoint_of_a_room_is_free_again() -> None:
    settings = Settings(port=0, sip_port=0, sip_timers="fast", rtp_timeout=LIMIT_S)
    sip = {"sip_mode": "dial-in", "display_name": "SIP caller", "codecs": {"audio": ["PCMU"]}}
    async with FakeDaily(settings) as daily:
        room = await daily.create_room(sip=sip)
        client = await daily.join(room)
        for _ in range(2):
            async with RawUserAgent() as agent, RtpSocket() as rtp:
                host, _, port = daily.network.address.partition(":")
                dialog = RawDialog.calling(agent, room.sip_uris[0], through=(host, int(port)))
                response = await dialog.call(audio_sdp(rtp.port))
                assert response.sdp
                await client.wait_for("participant-joined")
                rtp.send(rtp_address(response.sdp), SILENCE)
            error = await client.wait_for("dialin-error", within=LIMIT_S + 3)
            assert GONE in error["errorMsg"]


async def test_the_limit_of_a_server_is_a_minute() -> None:
    assert Settings().rtp_timeout == 60


@pytest.mark.timeout(90)
async def test_a_session_that_is_not_refreshed_ends_the_call(phone_network: Network) -> None:
    """RFC 4028: half of the shortest session that it allows, 90 s, passes before this side refreshes the session."""
    phone = await phone_network.phone("+12065550142", calls="answer")
    timer = {"Supported": "timer", "Session-Expires": "90;refresher=uas"}
    async with RawUserAgent() as alive, RawUserAgent() as gone:
        dialogs = []
        for agent in (alive, gone):
            host, _, port = phone_network.address.partition(":")
            dialog = RawDialog.calling(agent, phone.uri, through=(host, int(port)))
            response = await dialog.call(audio_sdp(40000), headers=timer)
            assert response.header("Session-Expires") == "90;refresher=uas"
            dialogs.append(dialog)
        refreshed, lost = await phone.wait_for_call(), await phone.wait_for_call()
        before = await refreshed.wait_answered()
        refresh = await alive.request("INVITE", within=60)
        await dialogs[0].answer("200 OK", audio_sdp(40000), to=refresh, headers=timer)
        ended = await lost.wait_for_end(within=10)
        assert ended.reason == "Request Timeout: INVITE was not answered within 1.6 s, SIP timer B"
        assert refreshed.state == "answered"
        assert refreshed.media is not None
        assert (refreshed.media.codec, refreshed.media.remote_rtp) == (before.codec, before.remote_rtp)
    assert not any("cannot be used" in str(record) for record in phone_network.timeline.records(kind="worker"))
