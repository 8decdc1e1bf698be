"""HTTP requests to customers' servers connect only where packets may go, and look up names as the policy does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from fake_daily_server.web.outgoing import OutgoingHttp
from simulator.destinations import Destinations
from simulator.timeline import Timeline


@asynccontextmanager
async def server(received: list[bytes]) -> AsyncIterator[int]:
    """An HTTP server that answers 200 and keeps the heads of the requests; its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as listening:
        yield listening.sockets[0].getsockname()[1]


def policy(timeline: Timeline, addresses: tuple[str, ...]) -> Destinations:
    async def look_up(name: str) -> tuple[str, ...]:
        if not addresses:
            raise OSError("Name or service not known")
        return addresses

    return Destinations(["hook.example"], timeline=timeline, look_up=look_up)


async def test_an_allowed_name_is_reached_at_its_addresses_in_turn() -> None:
    timeline, received = Timeline(), list[bytes]()
    outgoing = OutgoingHttp(policy(timeline, ("127.0.0.2", "127.0.0.1")))  # nobody listens on the first
    async with server(received) as port, outgoing.client(timeout=5) as client:
        url = f"http://hook.example:{port}/events"
        assert outgoing.may_request(url)
        assert (await client.post(url)).status_code == 200
    assert f"\r\nHost: hook.example:{port}\r\n".encode() in received[0]
    assert list(timeline.records()) == []


async def test_a_name_without_an_address_fails_with_the_cause_and_a_record() -> None:
    timeline = Timeline()
    async with OutgoingHttp(policy(timeline, ())).client(timeout=5) as client:
        with pytest.raises(httpx.ConnectError, match="is allowed, but has no address: Name or service not known"):
            await client.post("http://hook.example/")
    assert [record.fields["exit"] for record in timeline.records(kind="destination")] == ["http"]


@pytest.mark.parametrize(
    "url", ["http://192.0.2.66/", "http://other.example/", "http://127.0.0.1@192.0.2.66/", "http://3221225538/"]
)
async def test_other_hosts_are_refused_beforehand_and_at_the_connection(url: str) -> None:
    timeline = Timeline()
    outgoing = OutgoingHttp(policy(timeline, ()))
    assert not outgoing.may_request(url)
    async with outgoing.client(timeout=5) as client:
        with pytest.raises(httpx.ConnectError, match="is not on this machine and not in allow_hosts"):
            await client.post(url)
    assert len(list(timeline.records(kind="destination"))) == 1  # the second one is counted


async def test_redirects_are_not_followed() -> None:
    async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 307 Go\r\nLocation: http://192.0.2.66/\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    async with (
        await asyncio.start_server(redirect, "127.0.0.1", 0) as listening,
        OutgoingHttp(policy(Timeline(), ())).client(timeout=5) as client,
    ):
        answer = await client.post(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/")
    assert answer.status_code == 307
