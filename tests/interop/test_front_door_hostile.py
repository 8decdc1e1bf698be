"""Hostile messages over real sockets, in front of real workers: the documented answer or silence; nothing dies."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from simulator.front_door.guard import Drop, Fault, examine
from simulator.front_door.replies import answer_hop
from simulator.front_door.rewriting import branch_of
from simulator.front_door.wire import Hop
from simulator.sip_bytes import read
from tests.integration.front_door import sipp
from tests.integration.front_door.house import House
from tests.unit.front_door.bench import request
from tests.unit.front_door.mutations import mutated
from tests.unit.front_door.torture import DOOR_ADDRESS, FORWARDED, PEER_ADDRESS, SILENCE, TORTURE

A_SECOND = 50
"""Messages: what PJSIP is known to bear when each makes a call."""
PEERS = 400
"""Each message comes from another one, so that answers can be told apart; by its next turn, 8 s later, all is said."""


class Peer(asyncio.DatagramProtocol):
    """Somebody on UDP who keeps all that comes."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()
        self.transport: asyncio.DatagramTransport

    async def open(self, door: str) -> None:
        host, port = door.split(":")
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=("127.0.0.1", 0), remote_addr=(host, int(port))
        )

    @property
    def address(self) -> str:
        host, port = self.transport.get_extra_info("sockname")
        return f"{host}:{port}"

    def datagram_received(self, data: bytes, _addr: object) -> None:
        self.heard.put_nowait(data)


async def test_torture_messages_get_their_documented_answer() -> None:
    async with House(3) as house, AsyncExitStack() as peers:
        for number, torture in enumerate(TORTURE):
            peer = Peer()  # another one for each, so that a repeated answer to the one before is not taken for its own
            await peer.open(house.door.address)
            peers.callback(peer.transport.close)
            moved = torture.moved(peer.address, house.door.address)
            peer.transport.sendto(moved.data)
            if torture.answer == SILENCE:
                question = request("OPTIONS", call_id=f"after-{number}").replace(PEER_ADDRESS, peer.address.encode())
                peer.transport.sendto(question)
                next_heard = await asyncio.wait_for(peer.heard.get(), 1)
                assert f"after-{number}".encode() in next_heard, torture.name
            elif torture.answer == FORWARDED:
                assert 200 <= await final(peer, 5) < 700, torture.name
                await settle(house, peer)
            else:
                assert await final(peer, 1) == torture.answer, torture.name
        await all_slots_free(house)
        assert house.crashes == []


@pytest.mark.timeout(180)
@pytest.mark.interop("sipp")
async def test_5000_mutated_messages_kill_nothing(tmp_path: Path) -> None:
    async with House(3) as house:
        peers = [Peer() for _ in range(PEERS)]
        for peer in peers:
            await peer.open(house.door.address)
        expected: list[Expected | None] = [None] * PEERS
        told_of: set[bytes] = set()
        loop = asyncio.get_running_loop()
        began = loop.time()
        answered = 0
        for number, data in enumerate(mutated(5000, seed=44)):
            turn = number % PEERS
            if before := expected[turn]:
                answered += check(before, heard(peers[turn]))
            moved = data.replace(PEER_ADDRESS, peers[turn].address.encode())
            moved = moved.replace(DOOR_ADDRESS, house.door.address.encode())
            expected[turn] = expect(moved, peers[turn].address, told_of)
            peers[turn].transport.sendto(moved)
            await asyncio.sleep(max(0.0, began + (number + 1) / A_SECOND - loop.time()))
            assert house.crashes == [], data
        await all_slots_free(house)
        for peer, last in zip(peers, expected, strict=True):
            if last is not None:
                answered += check(last, heard(peer))
            peer.transport.close()
        assert answered > 1500
        assert house.crashes == []
        calls = await sipp.run(tmp_path, house.door.address, "-sn", "uac", "-m", "12", "-r", "20", "-d", "50")
        assert calls.code == 0, calls.screen


@dataclass(frozen=True)
class Expected:
    """What has to come back for a message: exactly `status`, at least one final response, or nothing of either."""

    data: bytes
    status: int
    """Or SILENCE, or FORWARDED for any final response."""
    certain: bool = True
    """False when its answer goes elsewhere or comes from a worker that may stay silent."""


def expect(data: bytes, address: str, told_of: set[bytes]) -> Expected:
    """What the documentation promises for `data`, sent from `address`; `told_of` has the INVITEs sent before."""
    host, port = address.split(":")
    source = Hop(host, int(port))
    message = read(data)
    if message.is_response:
        return Expected(data, SILENCE)
    verdict = examine(message, len(data), source)
    if isinstance(verdict, Drop):
        return Expected(data, SILENCE)
    here = answer_hop(verdict.via, source) == source
    if isinstance(verdict, Fault):
        return Expected(data, verdict.status, certain=here)
    if verdict.method == b"ACK":
        return Expected(data, SILENCE)
    transaction = verdict.call_id.encode() + branch_of(verdict)
    again = transaction in told_of
    told_of.add(transaction)
    return Expected(data, FORWARDED, certain=here and not again and verdict.to_tag is None)


def check(expected: Expected, answers: list[bytes]) -> int:
    """Compare with what came; returns how many final responses that were."""
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
    """The status of the next final response."""
    async with asyncio.timeout(within):
        while True:
            start = (await peer.heard.get()).split(b"\r\n")[0].split(b" ")
            if start[0] == b"SIP/2.0" and int(start[1]) >= 200:
                return int(start[1])


def heard(peer: Peer) -> list[bytes]:
    """All that has come and was not looked at."""
    return [peer.heard.get_nowait() for _ in range(peer.heard.qsize())]


async def settle(house: House, peer: Peer) -> None:
    """Have the workers hang up what nobody acknowledges, until every slot is free."""
    for call in house.calls:
        if call.ended is None:
            await call.hang_up()
    await all_slots_free(house)
    heard(peer)


async def all_slots_free(house: House) -> None:
    """A worker hangs up what is not acknowledged by itself, after 4 s."""
    async with asyncio.timeout(10):
        while any(destination.busy for destination in house.group):  # noqa: ASYNC110 - slots tell nobody
            await asyncio.sleep(0.02)
