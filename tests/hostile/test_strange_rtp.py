"""RTP of a stranger, at the ports of a call: the peer is heard, and hears, as before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psutil

from fake_daily_server.handles.client import Client
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from simulator.dtmf_senders import digit_packets
from tests.interop.public_cases.raw_calls import RawCall, dialled_in
from tests.interop.public_cases.raw_rtp import RtpSocket
from tests.interop.public_cases.raw_user_agent import rtp_address

SILENCE = b"\xff" * 160


async def test_the_digits_of_the_peer_arrive() -> None:
    async with called() as (daily, client, call):
        for place in rtp_ports(daily, call):
            async with flood(place):
                for digit in "159":
                    await call.send_train(*digit_packets(digit))
                    await client.wait_for("dtmf-event", where={"tone": digit})


async def test_audio_goes_to_the_peer() -> None:
    async with called() as (daily, _, call):
        for place in rtp_ports(daily, call):
            async with flood(place) as stranger:
                await call.rtp.receives(after=len(call.rtp.packets) + 20)
                assert stranger.packets == []


@asynccontextmanager
async def called() -> AsyncIterator[tuple[FakeDaily, Client, RawCall]]:
    sip = {"sip_mode": "dial-in", "display_name": "SIP caller", "codecs": {"audio": ["PCMU"]}}
    async with FakeDaily(Settings(port=0, sip_port=0, sip_timers="fast")) as daily:
        room = await daily.create_room(sip=sip)
        client = await daily.join(room)
        async with dialled_in(daily, room, client) as call:
            speaking = asyncio.create_task(speak(call))
            await call.rtp.receives()
            try:
                yield daily, client, call
            finally:
                await cancelled(speaking)


async def speak(call: RawCall) -> None:
    while True:
        call.rtp.send(rtp_address(call.peer_sdp), SILENCE, payload_type=0)
        await asyncio.sleep(0.02)  # the pace of audio


def rtp_ports(daily: FakeDaily, call: RawCall) -> list[tuple[str, int]]:
    """The port that the peer was told, and that of the user agent itself."""
    worker = psutil.Process(daily.gateway.calls[0].user_agent.pid)
    held = {c.laddr.port for c in worker.net_connections("udp4")}
    sip = {worker.port for worker in daily.gateway.group}
    own = sorted(port for port in held - sip if port % 2 == 0)
    return [rtp_address(call.peer_sdp), *(("127.0.0.1", port) for port in own)]


@asynccontextmanager
async def flood(place: tuple[str, int]) -> AsyncIterator[RtpSocket]:
    async with RtpSocket() as stranger:

        async def send() -> None:
            while True:
                for _ in range(15):
                    stranger.send(place, SILENCE, payload_type=0)
                await asyncio.sleep(0.005)

        sending = asyncio.create_task(send())
        try:
            yield stranger
        finally:
            await cancelled(sending)


async def cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
