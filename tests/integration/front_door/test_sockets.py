"""The front door's own sockets, without any worker."""

from __future__ import annotations

import asyncio
import socket

import pytest

from simulator.errors import ConfigurationError
from simulator.front_door import Destination, FrontDoor, Group
from simulator.sip_bytes import read
from simulator.timeline import Timeline
from tests.unit.front_door.bench import request


def door(port: int = 0, timeline: Timeline | None = None) -> FrontDoor:
    return FrontDoor(port=port, switch=lambda _: Group(), timeline=timeline)


async def ask(address: str, data: bytes) -> bytes:
    """What a UDP peer gets for an answer."""
    loop = asyncio.get_running_loop()
    host, port = address.split(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.setblocking(False)
        peer.bind(("127.0.0.1", 0))
        via = f"SIP/2.0/UDP 127.0.0.1:{peer.getsockname()[1]}".encode()
        await loop.sock_sendto(peer, data.replace(b"SIP/2.0/UDP 127.0.0.1:5980", via), (host, int(port)))
        async with asyncio.timeout(2):
            return await loop.sock_recv(peer, 65536)


async def test_udp_and_tcp_share_a_port() -> None:
    async with door() as front:
        answer = await ask(front.address, request("OPTIONS"))
        assert answer.startswith(b"SIP/2.0 200 OK\r\n")
        host, port = front.address.split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(request("OPTIONS", via="SIP/2.0/TCP 127.0.0.1:1;branch=z9hG4bKt") * 2)
        for _ in range(2):
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"SIP/2.0 200 OK\r\n")
        writer.close()
        await writer.wait_closed()


async def test_a_ping_on_a_connection_gets_a_pong() -> None:
    async with door() as front:
        reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
        writer.write(b"\r\n\r\n")
        assert await reader.readexactly(2) == b"\r\n"
        writer.close()
        await writer.wait_closed()


async def test_small_messages_on_a_connection_wait_for_nothing() -> None:
    async with door() as front:
        reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
        writer.write(b"\r\n\r\n")
        await reader.readexactly(2)
        [connection] = front._connections.values()
        accepted = connection._transport.get_extra_info("socket")
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        writer.close()
        await writer.wait_closed()


async def test_connections_beyond_the_limit_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.front_door.door.MOST_CONNECTIONS", 1)
    timeline = Timeline()
    async with door(timeline=timeline) as front:
        reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
        one_too_many, other = await asyncio.open_connection("127.0.0.1", front.port)
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await one_too_many.readexactly(1)
        writer.write(b"\r\n\r\n")
        assert await reader.readexactly(2) == b"\r\n"
        assert [record.fields["dropped"] for record in timeline.records()] == ["a connection beyond 1"]
        for open_one in (writer, other):
            open_one.close()
            await open_one.wait_closed()


async def test_a_closed_door_hears_of_ends_without_harm() -> None:
    worker = Destination("127.0.0.1:6000")
    async with FrontDoor(port=0, switch=lambda _: Group(worker)) as front:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.sendto(request(), ("127.0.0.1", front.port))
            async with asyncio.timeout(2):
                while not worker.busy:  # noqa: ASYNC110 - a worker's slots tell nobody
                    await asyncio.sleep(0.001)
    front.lost(worker)
    front.ended("call-1")


async def test_a_stream_that_cannot_be_read_on_is_answered_and_closed() -> None:
    async with door() as front:
        reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
        writer.write(b"OPTIONS sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:1\r\nContent-Length: x\r\n\r\n")
        assert (await reader.read()).startswith(b"SIP/2.0 400 Bad Request: Content-Length x is not a number\r\n")
        writer.close()
        await writer.wait_closed()


async def test_a_waiting_call_is_refused_by_the_timer_alone() -> None:
    timeline = Timeline()
    async with door(timeline=timeline) as front:
        assert (await ask(front.address, request())).startswith(b"SIP/2.0 100 ")
        refused = await timeline.wait(lambda record: record.fields.get("refused") == 503, within=2)
        assert refused is not None
        assert refused.fields["sip_call_id"] == "call-1"
        assert 0.39 < refused.at < 1.5


async def test_a_worker_is_asked_for_while_a_call_waits() -> None:
    asked = asyncio.Event()

    async def grow() -> None:
        asked.set()

    async with FrontDoor(port=0, switch=lambda _: Group(grow=grow)) as front:
        await ask(front.address, request())
        await asyncio.wait_for(asked.wait(), 1)


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
async def test_a_port_in_use_is_said_in_one_line(kind: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind(("127.0.0.1", 0))
        if kind is socket.SOCK_STREAM:
            other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigurationError, match=rf"port: {port} .*in use.*0 for any free one") as raised:
            await door(port).__aenter__()
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize(("host", "port"), [("0.0.0.0", 0), ("example.com", 0), ("::1", 0), ("127.0.0.1", 70000)])
def test_an_address_that_cannot_be_used_is_refused(host: str, port: int) -> None:
    with pytest.raises(ConfigurationError):
        FrontDoor(host, port, switch=lambda _: Group())


async def test_the_port_is_free_again_afterwards() -> None:
    async with door() as front:
        port = front.port
    async with door(port) as front:
        assert read(await ask(front.address, request("OPTIONS"))).start == b"SIP/2.0 200 OK"
