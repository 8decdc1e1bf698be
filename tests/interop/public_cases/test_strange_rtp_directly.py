"""RTP of a stranger at the port of a phone whose RTP does not pass the relay."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from simulator.dtmf_senders import digit_packets
from simulator.network import Network
from simulator.phone_call import PhoneCall
from tests.interop.public_cases.raw_calls import EVENT_TYPE
from tests.interop.public_cases.raw_rtp import RtpSocket
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent, audio_sdp, rtp_address

SILENCE = b"\xff" * 160
FIXED_AFTER_S = 0.5
"""Longer than a worker needs to notice whose RTP comes from the described address."""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a connected socket send elsewhere")


class Peer:
    """A raw user agent that has called a phone and speaks all the time."""

    def __init__(self, dialog: RawDialog, rtp: RtpSocket, place: tuple[str, int], call: PhoneCall) -> None:
        self.dialog, self.rtp, self.place, self.call = dialog, rtp, place, call

    async def speak(self) -> None:
        while True:
            self.rtp.send(self.place, SILENCE)
            await asyncio.sleep(0.02)  # the pace of audio

    async def press(self, digit: str) -> None:
        base = 100_000 + 1000 * ord(digit)
        for number, packet in enumerate(digit_packets(digit)):
            self.rtp.send(
                self.place,
                packet.payload,
                payload_type=EVENT_TYPE,
                marker=packet.marker,
                timestamp=base + packet.timestamp,
            )
            await asyncio.sleep(0.02 if number else 0.0)

    async def digits_arrive(self, digits: str) -> None:
        for digit in digits:
            await self.press(digit)
            await self.call.wait_for_digits(digit)


@asynccontextmanager
async def calling() -> AsyncIterator[Peer]:
    async with Network(rtp_relay=False, sip_timers="fast") as network, RawUserAgent() as agent, RtpSocket() as rtp:
        phone = await network.phone("+12065550142", calls="answer")
        host, _, port = network.address.partition(":")
        dialog = RawDialog.calling(agent, phone.uri, through=(host, int(port)))
        response = await dialog.call(audio_sdp(rtp.port))
        assert response.sdp
        call = await phone.wait_for_call()
        peer = Peer(dialog, rtp, rtp_address(response.sdp), call)
        speaking = asyncio.create_task(peer.speak())
        await asyncio.sleep(FIXED_AFTER_S)
        try:
            yield peer
        finally:
            speaking.cancel()
            await asyncio.wait([speaking])


@asynccontextmanager
async def flood(place: tuple[str, int]) -> AsyncIterator[RtpSocket]:
    async with RtpSocket() as stranger:

        async def send() -> None:
            while True:
                for _ in range(15):
                    stranger.send(place, SILENCE)
                await asyncio.sleep(0.005)

        sending = asyncio.create_task(send())
        try:
            yield stranger
        finally:
            sending.cancel()
            await asyncio.wait([sending])


async def test_the_digits_of_the_peer_arrive() -> None:
    async with calling() as peer, flood(peer.place) as stranger:
        await peer.digits_arrive("159")
        assert stranger.packets == []


async def test_a_peer_that_moves_to_another_port_is_heard_there() -> None:
    async with calling() as peer, RtpSocket() as elsewhere:
        assert (await peer.dialog.reinvite(audio_sdp(elsewhere.port))).status[0] == 200
        peer.rtp = elsewhere
        await elsewhere.receives()
        await peer.digits_arrive("159")
        async with flood(peer.place):
            await peer.digits_arrive("260")


async def test_a_peer_that_sends_from_another_port_than_it_receives_at_is_heard() -> None:
    async with calling() as peer, RtpSocket() as elsewhere:
        assert (await peer.dialog.reinvite(audio_sdp(elsewhere.port))).status[0] == 200
        await peer.digits_arrive("159")  # still from the first socket
