"""Peers whose Contact or Record-Route is no SIP URI, to which nothing can be sent."""

from __future__ import annotations

import asyncio

import pytest

from simulator.errors import CallEnded
from simulator.useragent import Call
from simulator.useragent.sip_text import SipMessage
from tests.integration.useragent.party import Party
from tests.integration.useragent.raw_peer import SDP, RawPeer

STRANGE = ["tel:+12065550142", "fmtp:101 0-15", "<s7.0.0.1:5060;lr>", "<http://127.0.0.1/>", "*"]
FIELDS = [f"{name}: {value}" for name in ("Contact", "m", "Record-Route") for value in STRANGE]


@pytest.mark.parametrize("status", ["200 OK", "183 Session Progress"])
async def test_of_a_callee(alice: Party, status: str) -> None:
    for strange in FIELDS:
        with RawPeer(alice.agent.address) as peer:
            call = await alice.agent.dial(f"sip:x@{peer.address}")
            reliable = "\r\nRequire: 100rel\r\nRSeq: 1" if status.startswith("1") else ""
            invite = await peer.receive("INVITE ")
            peer.reply(invite, status, SDP, strange + reliable)
            await peer.receive("PRACK " if reliable else "ACK ")
            await hung_up(call)
            await closed(peer, invite)
    assert alice.agent.alive


async def test_of_a_callee_who_names_nothing_else(alice: Party) -> None:
    for strange in FIELDS:
        with RawPeer(alice.agent.address) as peer:
            call = await alice.agent.dial(f"sip:x@{peer.address}")
            invite = await peer.receive("INVITE ")
            copied = [f"{n}: {v}" for n, v in invite.headers if n in ("Via", "From", "Call-ID", "CSeq")]
            lines = ["SIP/2.0 200 OK", *copied, f"To: {invite.header('To')};tag=x", strange]
            lines += ["Content-Type: application/sdp", f"Content-Length: {len(SDP)}", "", SDP]
            peer.send("\r\n".join(lines))
            await peer.receive("ACK ")
            await hung_up(call)
            peer.reply(await peer.receive("BYE "), "200 OK")
    assert alice.agent.alive


async def test_of_a_caller(bob: Party) -> None:
    for strange in FIELDS:
        with RawPeer(bob.agent.address) as peer:
            peer.request("INVITE", SDP, extra=strange)
            await peer.receive("SIP/2.0 400 Bad Request: ")
    assert bob.agent.alive


async def test_of_a_caller_in_a_later_request(bob: Party) -> None:
    with RawPeer(bob.agent.address) as peer:
        peer.request("INVITE", SDP)
        call, _, _ = await bob.next_call()
        await call.answer()
        await peer.receive("SIP/2.0 200")
        peer.request("ACK", extra=FIELDS[0])
        for number, strange in enumerate(FIELDS):
            peer.request("INVITE", SDP, extra=strange)
            await peer.receive("SIP/2.0 400 Bad Request: ")
            change = asyncio.create_task(call.resume() if number % 2 else call.hold())
            peer.reply(await peer.receive("INVITE "), "200 OK", SDP, strange)
            await peer.receive("ACK ")
            await change
        await hung_up(call)
        peer.reply(await peer.receive("BYE "), "200 OK")
    assert bob.agent.alive


async def hung_up(call: Call) -> None:
    try:
        await call.hang_up()
    except CallEnded:
        return


async def closed(peer: RawPeer, invite: SipMessage) -> None:
    """Let the call end, by BYE or CANCEL."""
    ending = await peer.receive("BYE ", "CANCEL ")
    peer.reply(ending, "200 OK")
    if ending.start.startswith("CANCEL "):
        peer.reply(invite, "487 Request Terminated")
