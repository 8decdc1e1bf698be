"""Calls over TCP, on the same port as UDP."""

from __future__ import annotations

import socket

from simulator.useragent import Answered, DigitEnd, Media
from tests.integration.useragent.party import Party


async def test_a_call_works_over_tcp(alice: Party, bob: Party) -> None:
    call, notices = await alice.dial(bob.uri + ";transport=tcp")
    other, incoming, other_notices = await bob.next_call()
    assert dict(incoming.headers)["Via"].startswith("SIP/2.0/TCP")
    assert "transport=tcp" in dict(incoming.headers)["Contact"].lower()
    await other.answer()
    await notices.wait(Media)
    await other_notices.wait(Media)
    await other.send_digits("3", method="sip-info", wait=True)
    await notices.wait(DigitEnd)
    await other.hang_up()
    assert (await call.wait_ended(2)).by == "remote"


async def test_a_worker_has_udp_and_tcp_calls_at_once(alice: Party, bob: Party) -> None:
    for transport in ("tcp", "udp"):
        _, notices = await alice.dial(f"{bob.uri};transport={transport}")
        other, _, _ = await bob.next_call()
        await other.answer()
        await notices.wait(Answered)


async def test_connections_with_garbage_do_not_harm_the_worker(alice: Party, bob: Party) -> None:
    host, _, port = bob.agent.address.partition(":")
    sockets = []
    for _ in range(30):
        sock = socket.create_connection((host, int(port)), timeout=2)
        sock.sendall(b"\x00\xffgarbage " * 20 + b"\r\n\r\n")
        sockets.append(sock)
    call, notices = await alice.dial(bob)
    other, _, _ = await bob.next_call(within=8)  # places of closed connections are free again after half a second
    await other.answer()
    await notices.wait(Answered)
    for sock in sockets:
        sock.close()
    await call.hang_up()
    await call.wait_ended(2)
    assert bob.agent.alive
