"""HTTP requests that never become complete."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from starlette.responses import PlainTextResponse

from fake_daily_server.web import slow_requests
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
    "half a second head": REQUEST + b"GET / HT",
    "half a body": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf",
}


@pytest.mark.parametrize("begun", BEGUN.values(), ids=BEGUN)
async def test_a_request_that_does_not_come_is_not_awaited(server: HttpServer, begun: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(begun)
    async with asyncio.timeout(4):
        with contextlib.suppress(ConnectionResetError):
            await reader.read()
    writer.close()
