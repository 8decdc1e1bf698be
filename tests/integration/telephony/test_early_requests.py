"""Requests right after `dialin-connected`, before the caller's ACK, are held until the call is confirmed."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from fake_daily_server.values.errors import DailyError
from simulator.network import Network
from simulator.phone_call import PhoneCall

DESK = "+12065550142"


async def call_in(
    daily: FakeDaily, room: RoomHandle, request: Callable[[Client, str], Awaitable[Any]]
) -> tuple[Client, PhoneCall]:
    """Make a call to the room; send the request as soon as the clients know of the call."""
    client = await daily.join(room)
    caller = await daily.network.phone("+12065550199", refers="follow")

    async def early() -> None:
        connected = await client.wait_for("dialin-connected")
        await request(client, connected["sessionId"])

    sent = asyncio.create_task(early())
    call = await caller.dial(room.sip_uris[0])
    await sent
    return client, call


@pytest.mark.parametrize("time", range(3))
async def test_a_transfer(fake_daily: FakeDaily, daily_room: RoomHandle, phone_network: Network, time: int) -> None:
    desk = await phone_network.phone(DESK)
    await call_in(fake_daily, daily_room, lambda bot, id_: bot.sip_call_transfer(sessionId=id_, toEndPoint=DESK))
    await desk.wait_for_call()


async def test_a_refer(fake_daily: FakeDaily, daily_room: RoomHandle, phone_network: Network) -> None:
    desk = await phone_network.phone(DESK)
    await call_in(fake_daily, daily_room, lambda bot, id_: bot.sip_refer(sessionId=id_, toEndPoint=desk.uri))
    await desk.wait_for_call()


async def test_digits(fake_daily: FakeDaily, daily_room: RoomHandle) -> None:
    _, call = await call_in(fake_daily, daily_room, lambda bot, id_: bot.send_dtmf(sessionId=id_, tones="12#"))
    await call.wait_for_digits("12#")


async def test_the_end_of_the_call(fake_daily: FakeDaily, daily_room: RoomHandle) -> None:
    client, call = await call_in(fake_daily, daily_room, lambda bot, id_: bot.stop_dialout(id_))
    ended = await call.wait_for_end()
    assert (ended.status, ended.by) == (200, "remote")
    await client.wait_for("dialin-stopped")


@pytest.mark.parametrize(
    ("method", "options"), [("sipCallTransfer", {"toEndPoint": DESK}), ("sendDTMF", {"tones": "1"})]
)
async def test_a_caller_who_never_acknowledges(
    method: str, options: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fake_daily_server.telephony.leg.ACK_WAIT_S", 0.3)
    # A server of its own: its worker keeps a call without an ACK for 32 s.
    async with FakeDaily() as daily:
        room = await daily.create_room(enable_dialout=True, sip={"sip_mode": "dial-in"})
        client = await daily.join(room)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.bind(("127.0.0.1", 0))
            host, port = daily.sip.removeprefix("sip:").split(":")
            peer.sendto(invite(room.sip_uris[0], peer.getsockname()[1]), (host, int(port)))
            session_id = (await client.wait_for("dialin-connected"))["sessionId"]
            with pytest.raises(DailyError, match="ACK has not come"):
                await client.request(method, {"sessionId": session_id, **options})
            await client.stop_dialout(session_id)


def invite(uri: str, port: int) -> bytes:
    """An INVITE whose sender never sends an ACK."""
    sdp = (
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        "m=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
    )
    lines = [
        f"INVITE {uri} SIP/2.0",
        f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{uuid4().hex};rport",
        "Max-Forwards: 70",
        f"From: <sip:silent@127.0.0.1:{port}>;tag=early",
        f"To: <{uri}>",
        f"Call-ID: {uuid4()}",
        "CSeq: 1 INVITE",
        f"Contact: <sip:silent@127.0.0.1:{port}>",
        "Content-Type: application/sdp",
        f"Content-Length: {len(sdp)}",
    ]
    return "\r\n".join([*lines, "", sdp]).encode()
