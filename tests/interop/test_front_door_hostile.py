"""Hostile messages over real sockets to a front door with real workers: the documented response or none; no crash."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from simulator.errors import CallEnded
from simulator.front_door.proxy_address import forwarded_branch
from simulator.sip_bytes import read
from simulator.sip_requests.hop import Hop
from simulator.sip_requests.screening import Drop, InvalidRequest, screen
from simulator.sip_requests.stateless_response import response_hop
from tests.integration.front_door import sipp
from tests.integration.front_door.front_door_with_workers import FrontDoorWithWorkers
from tests.unit.front_door.mutations import mutated
from tests.unit.front_door.proxy_bench import request as sip_request
from tests.unit.front_door.torture import DOOR_ADDRESS, FORWARDED, PEER_ADDRESS, SILENCE, TORTURE

WORKERS = 3
MESSAGES_PER_SECOND = 100
"""Less than the workers are known to sustain if each message creates a call: 50 each."""
PEERS = 800
"""Number of peers, which send in turn: a peer sends every 8 s, after all responses to its previous message."""


class Peer(asyncio.DatagramProtocol):
    """A UDP socket that keeps all messages it receives."""

    def __init__(self) -> None:
        self.received: asyncio.Queue[bytes] = asyncio.Queue()
        self.transport: asyncio.DatagramTransport

    async def open(self, front_door: str) -> None:
        host, port = front_door.split(":")
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=("127.0.0.1", 0), remote_addr=(host, int(port))
        )

    @property
    def address(self) -> str:
        host, port = self.transport.get_extra_info("sockname")
        return f"{host}:{port}"

    def datagram_received(self, data: bytes, _addr: object) -> None:
        self.received.put_nowait(data)


async def test_torture_messages_get_the_documented_response() -> None:
    async with FrontDoorWithWorkers(3) as setup, AsyncExitStack() as peers:
        for number, torture in enumerate(TORTURE):
            peer = Peer()  # a new one for each message, which gets no retransmitted response to the message before
            await peer.open(setup.front_door.address)
            peers.callback(peer.transport.close)
            moved = torture.moved(peer.address, setup.front_door.address)
            peer.transport.sendto(moved.data)
            if torture.answer == SILENCE:
                question = sip_request("OPTIONS", call_id=f"after-{number}").replace(
                    PEER_ADDRESS, peer.address.encode()
                )
                peer.transport.sendto(question)
                next_received = await asyncio.wait_for(peer.received.get(), 1)
                assert f"after-{number}".encode() in next_received, torture.name
            elif torture.answer == FORWARDED:
                assert 200 <= await final(peer, 5) < 700, torture.name
                await hang_up_all(setup, peer)
            else:
                assert await final(peer, 1) == torture.answer, torture.name
        await all_slots_free(setup)
        assert setup.crashes == []


@pytest.mark.timeout(180)
@pytest.mark.interop("sipp")
async def test_5000_mutated_messages_crash_no_worker(tmp_path: Path) -> None:
    async with FrontDoorWithWorkers(WORKERS) as setup:
        peers = [Peer() for _ in range(PEERS)]
        for peer in peers:
            await peer.open(setup.front_door.address)
        expected: list[Expected | None] = [None] * PEERS
        sent_invites: set[bytes] = set()
        loop = asyncio.get_running_loop()
        began = loop.time()
        answered = 0
        for number, data in enumerate(mutated(5000, seed=44)):
            turn = number % PEERS
            if before := expected[turn]:
                answered += check(before, received(peers[turn]))
            moved = data.replace(PEER_ADDRESS, peers[turn].address.encode())
            moved = moved.replace(DOOR_ADDRESS, setup.front_door.address.encode())
            expected[turn] = expect(moved, peers[turn].address, sent_invites)
            peers[turn].transport.sendto(moved)
            await asyncio.sleep(max(0.0, began + (number + 1) / MESSAGES_PER_SECOND - loop.time()))
            assert setup.crashes == [], data
        await all_slots_free(setup)
        for peer, last in zip(peers, expected, strict=True):
            if last is not None:
                answered += check(last, received(peer))
            peer.transport.close()
        assert answered > 1500
        assert setup.crashes == []
        calls = await sipp.run(tmp_path, setup.front_door.address, "-sn", "uac", "-m", "12", "-r", "20", "-d", "50")
        assert calls.code == 0, calls.screen


@dataclass(frozen=True)
class Expected:
    """The required outcome of a message: a final response with `status`, any final response, or none."""

    data: bytes
    status: int
    """Status of the required final response; SILENCE for none, FORWARDED for any."""
    certain: bool = True
    """Whether the response can be expected: it is sent to the sender, and not by a worker that may stay silent."""


def expect(data: bytes, address: str, sent_invites: set[bytes]) -> Expected:
    """Return the documented outcome of `data` sent from `address`; `sent_invites` has earlier INVITE transactions."""
    host, port = address.split(":")
    source = Hop(host, int(port))
    message = read(data)
    if message.is_response:
        return Expected(data, SILENCE)
    request = screen(message, len(data), source)
    if isinstance(request, Drop):
        return Expected(data, SILENCE)
    here = response_hop(request.via, source) == source
    if isinstance(request, InvalidRequest):
        return Expected(data, request.status, certain=here)
    if request.method == b"ACK":
        return Expected(data, SILENCE)
    transaction = request.call_id.encode() + forwarded_branch(request)
    again = transaction in sent_invites
    sent_invites.add(transaction)
    return Expected(data, FORWARDED, certain=here and not again and request.to_tag is None)


def check(expected: Expected, answers: list[bytes]) -> int:
    """Compare the received messages with `expected`; return the number of final responses among them."""
    messages = [read(answer) for answer in answers]
    assert all(message.flaw is None for message in messages), answers
    finals = [int(one.start.split(b" ")[1]) for one in messages if one.is_response and one.start[8:9] != b"1"]
    if expected.certain and expected.status == FORWARDED:
        assert finals, expected
    elif expected.certain and expected.status != SILENCE:
        assert finals == [expected.status], (expected, answers)
    elif expected.status == SILENCE:
        assert finals == [], (expected, answers)
    return len(finals)


async def final(peer: Peer, within: float) -> int:
    """Wait for the next final response; return its status."""
    async with asyncio.timeout(within):
        while True:
            start = (await peer.received.get()).split(b"\r\n")[0].split(b" ")
            if start[0] == b"SIP/2.0" and int(start[1]) >= 200:
                return int(start[1])


def received(peer: Peer) -> list[bytes]:
    """Take all messages received so far out of the queue."""
    return [peer.received.get_nowait() for _ in range(peer.received.qsize())]


async def hang_up_all(setup: FrontDoorWithWorkers, peer: Peer) -> None:
    """Have the workers hang up all calls, which no peer acknowledges, and wait until every slot is free."""
    for call in setup.calls:
        if call.ended is None:
            with contextlib.suppress(CallEnded):  # refused by its worker meanwhile
                await call.hang_up()
    await all_slots_free(setup)
    received(peer)


async def all_slots_free(setup: FrontDoorWithWorkers) -> None:
    """Wait until no slot is in use: a worker hangs up a call that is not acknowledged after 4 s."""
    async with asyncio.timeout(10):
        while any(destination.slots_in_use for destination in setup.group):  # noqa: ASYNC110 - slots have no notification
            await asyncio.sleep(0.02)
