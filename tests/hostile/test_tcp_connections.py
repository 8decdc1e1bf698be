"""TCP connections to the SIP address whose peers keep them open, send nothing, or do not read."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from simulator.front_door import DestinationGroup, FrontDoor
from simulator.front_door.sockets import MAX_UNSENT
from simulator.timeline import Timeline
from tests.unit.front_door.proxy_bench import request

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
OPTIONS = request("OPTIONS", via="SIP/2.0/TCP 127.0.0.1:1;branch=z9hG4bKt")


@pytest.fixture
def timeline() -> Timeline:
    return Timeline()


@pytest.fixture
async def front_door(timeline: Timeline, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FrontDoor]:
    monkeypatch.setattr("simulator.front_door.connections.MAX_CONNECTIONS", 3)
    async with FrontDoor(port=0, router=lambda _: DestinationGroup(), timeline=timeline) as front_door:
        yield front_door


def dropped(timeline: Timeline) -> list[str]:
    return [record.fields["dropped"] for record in timeline.records() if "dropped" in record.fields]


async def is_served(stream: Stream) -> bool:
    reader, writer = stream
    writer.write(OPTIONS)
    try:
        return (await reader.readuntil(b"\r\n\r\n")).startswith(b"SIP/2.0 200 OK\r\n")
    except (ConnectionError, asyncio.IncompleteReadError):
        return False


async def closed(*streams: Stream) -> None:
    for _, writer in streams:
        writer.close()
        try:
            await writer.wait_closed()
        except ConnectionError:
            continue  # the front door has aborted it


async def test_the_connection_that_was_idle_for_longest_is_closed(front_door: FrontDoor, timeline: Timeline) -> None:
    oldest, other, third = [await asyncio.open_connection("127.0.0.1", front_door.port) for _ in range(3)]
    for stream in (other, oldest, third):
        assert await is_served(stream)
    newest = await asyncio.open_connection("127.0.0.1", front_door.port)
    assert await is_served(newest)
    assert [await is_served(each) for each in (oldest, other, third)] == [True, False, True]
    assert dropped(timeline) == ["the TCP connection that was idle for longest"]
    await closed(oldest, other, third, newest)


async def test_connections_without_any_message_are_closed_before_those_of_calls(front_door: FrontDoor) -> None:
    peer = await asyncio.open_connection("127.0.0.1", front_door.port)
    assert await is_served(peer)
    idle = [await asyncio.open_connection("127.0.0.1", front_door.port) for _ in range(20)]
    assert await is_served(peer)
    assert await is_served(idle[-1])
    await closed(peer, *idle)


async def test_a_peer_that_does_not_read_is_closed(front_door: FrontDoor, timeline: Timeline) -> None:
    loop = asyncio.get_running_loop()
    with socket.socket() as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.setblocking(False)
        await loop.sock_connect(peer, ("127.0.0.1", front_door.port))
        with pytest.raises(ConnectionError):
            await loop.sock_sendall(peer, OPTIONS * (100 * MAX_UNSENT // len(OPTIONS)))
    assert dropped(timeline) == ["a TCP connection whose peer does not read"]
