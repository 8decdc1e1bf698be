"""The front door's sockets, without workers."""

from __future__ import annotations

import asyncio
import socket

import pytest

from simulator.errors import ConfigurationError
from simulator.front_door import Destination, DestinationGroup, FrontDoor
from simulator.sip_bytes import read
from simulator.timeline import Timeline
from tests.unit.front_door.proxy_bench import request


def open_front_door(port: int = 0, timeline: Timeline | None = None) -> FrontDoor:
    return FrontDoor(port=port, router=lambda _: DestinationGroup(), timeline=timeline)


async def ask(address: str, data: bytes) -> bytes:
    """Send a message as a UDP peer. Returns the response."""
    loop = asyncio.get_running_loop()
    host, port = address.split(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.setblocking(False)
        peer.bind(("127.0.0.1", 0))
        via = f"SIP/2.0/UDP 127.0.0.1:{peer.getsockname()[1]}".encode()
        await loop.sock_sendto(peer, data.replace(b"SIP/2.0/UDP 127.0.0.1:5980", via), (host, int(port)))
        async with asyncio.timeout(2):
            return await loop.sock_recv(peer, 65536)


async def test_udp_and_tcp_use_the_same_port() -> None:
    async with open_front_door() as front_door:
        answer = await ask(front_door.address, request("OPTIONS"))
        assert answer.startswith(b"SIP/2.0 200 OK\r\n")
        host, port = front_door.address.split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(request("OPTIONS", via="SIP/2.0/TCP 127.0.0.1:1;branch=z9hG4bKt") * 2)
        for _ in range(2):
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"SIP/2.0 200 OK\r\n")
        writer.close()
        await writer.wait_closed()


async def test_a_keep_alive_ping_on_a_connection_gets_a_pong() -> None:
    async with open_front_door() as front_door:
        reader, writer = await asyncio.open_connection("127.0.0.1", front_door.port)
        writer.write(b"\r\n\r\n")
        assert await reader.readexactly(2) == b"\r\n"
        writer.close()
        await writer.wait_closed()


async def test_nagles_algorithm_is_off_on_accepted_connections() -> None:
    async with open_front_door() as front_door:
        reader, writer = await asyncio.open_connection("127.0.0.1", front_door.port)
        writer.write(b"\r\n\r\n")
        await reader.readexactly(2)
        [connection] = front_door._connections
        accepted = connection._transport.get_extra_info("socket")
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        writer.close()
        await writer.wait_closed()


async def test_a_closed_front_door_ignores_reports_of_ended_calls_and_dead_workers() -> None:
    worker = Destination("127.0.0.1:6000")
    async with FrontDoor(port=0, router=lambda _: DestinationGroup(worker)) as front_door:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.sendto(request(), ("127.0.0.1", front_door.port))
            async with asyncio.timeout(2):
                while not worker.slots_in_use:  # noqa: ASYNC110 - slots have no notification
                    await asyncio.sleep(0.001)
    front_door.worker_died(worker)
    front_door.call_ended("call-1")


async def test_a_stream_with_an_invalid_content_length_is_answered_and_closed() -> None:
    async with open_front_door() as front_door:
        reader, writer = await asyncio.open_connection("127.0.0.1", front_door.port)
        writer.write(b"OPTIONS sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:1\r\nContent-Length: x\r\n\r\n")
        assert (await reader.read()).startswith(b"SIP/2.0 400 Bad Request: Content-Length x is not a number\r\n")
        writer.close()
        await writer.wait_closed()


async def test_a_queued_call_is_refused_by_the_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.front_door.call_admission.MAX_START_TIME", 0.4)
    timeline = Timeline()
    async with open_front_door(timeline=timeline) as front_door:
        assert (await ask(front_door.address, request())).startswith(b"SIP/2.0 100 ")
        refused = await timeline.wait(lambda record: record.fields.get("refused") == 503, within=2)
        assert refused is not None
        assert refused.fields["sip_call_id"] == "call-1"
        assert 0.39 < refused.at < 1.5


async def test_a_group_is_asked_to_grow_while_a_call_is_queued() -> None:
    grown = asyncio.Event()

    async def grow() -> None:
        grown.set()

    async with FrontDoor(port=0, router=lambda _: DestinationGroup(grow=grow)) as front_door:
        await ask(front_door.address, request())
        await asyncio.wait_for(grown.wait(), 1)


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
async def test_the_error_for_a_port_in_use_is_one_line(kind: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind(("127.0.0.1", 0))
        if kind is socket.SOCK_STREAM:
            other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigurationError, match=rf"sip_port: {port} .*in use.*0 for any free one") as raised:
            await open_front_door(port).__aenter__()
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize(("host", "port"), [("0.0.0.0", 0), ("example.com", 0), ("::1", 0), ("127.0.0.1", 70000)])
def test_an_unusable_address_is_a_configuration_error(host: str, port: int) -> None:
    with pytest.raises(ConfigurationError):
        FrontDoor(host, port, router=lambda _: DestinationGroup())


async def test_the_port_is_free_after_the_front_door_is_closed() -> None:
    async with open_front_door() as front_door:
        port = front_door.port
    async with open_front_door(port) as front_door:
        assert read(await ask(front_door.address, request("OPTIONS"))).start == b"SIP/2.0 200 OK"
