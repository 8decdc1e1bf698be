"""HTTP requests that never become complete."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from starlette.responses import PlainTextResponse

from fake_daily_server.web import http_server, slow_requests
from fake_daily_server.web.http_server import HttpServer

REQUEST = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HttpServer]:
    monkeypatch.setattr(slow_requests, "LONGEST_WAIT_S", 0.4)
    with HttpServer("127.0.0.1", 0) as server:
        async with server.serving(PlainTextResponse("ok")):
            yield server


BEGUN = {
    "nothing": b"",
    "half a head": b"GET / HTTP/1.1\r\nHost: a\r\nX: ",
    "half a body": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf",
}


async def closed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Wait until the server has closed the connection."""
    async with asyncio.timeout(4):
        with contextlib.suppress(ConnectionResetError):
            await reader.read()
    writer.close()


async def answered(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert await reader.readexactly(2) == b"ok"


@pytest.mark.parametrize("begun", BEGUN.values(), ids=BEGUN)
async def test_a_request_that_does_not_come_is_not_awaited(server: HttpServer, begun: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(begun)
    await closed(reader, writer)


async def test_a_second_request_that_does_not_come_is_not_awaited(server: HttpServer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(REQUEST)
    await answered(reader)
    writer.write(b"GET / HT")
    await closed(reader, writer)


async def test_a_second_request_that_began_with_the_first_is_given_up_like_an_idle_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http_server, "IDLE_S", 0.4)
    with HttpServer("127.0.0.1", 0) as server:
        async with server.serving(PlainTextResponse("ok")):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(REQUEST + b"GET / HT")
            await closed(reader, writer)


async def test_an_idle_connection_is_used_again_after_longer_than_clients_keep_one(server: HttpServer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    for pause in (6.0, 0.0):  # httpx keeps a connection for 5 s; uvicorn alone would close it at the same moment
        writer.write(REQUEST)
        await answered(reader)
        await asyncio.sleep(pause)
    writer.close()
    await writer.wait_closed()
