"""The customer's server, to which Daily posts held callers (`room_creation_api`) and webhook events."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

from simulator.waiting import Changes

T = TypeVar("T")

_LONGEST_BODY = 1_000_000


@dataclass(frozen=True, slots=True)
class Post:
    """A received HTTP request: path, header fields with lower-case names, and body as bytes."""

    path: str
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        """The body, parsed as JSON; None if it is not JSON."""
        try:
            return json.loads(self.raw)
        except ValueError:
            return None


class CustomerServer:
    """An HTTP server on a loopback port that keeps all requests: `async with CustomerServer() as server`."""

    def __init__(self) -> None:
        self.posts: list[Post] = []
        """All received requests, oldest first."""
        self.status = 200
        """The status code of its responses."""
        self.delay_s = 0.0
        """Seconds from a request to its response."""
        self._changes = Changes()
        self._closing = asyncio.Event()
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self._closing.set()
        for writer in self._connections.values():
            writer.close()
        if self._connections:
            _, late = await asyncio.wait(self._connections, timeout=1)
            for task in late:
                task.cancel()

    @property
    def url(self) -> str:
        """The address of the server: `http://127.0.0.1:port/daily`."""
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/daily"

    async def wait_until(self, found: Callable[[], T | None], *, within: float) -> T | None:
        """Call `found` now and after each request until it returns something; None after `within` seconds."""
        return await self._changes.until(found, within=within)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._connections[task] = writer
            task.add_done_callback(lambda _: self._connections.pop(task, None))
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, ValueError):
            while not writer.is_closing():
                post = await _read_request(reader)
                status, delay_s = self.status, self.delay_s
                self.posts.append(post)
                self._changes.notify()
                if await self._closes_within(delay_s):
                    break
                writer.write(f"HTTP/1.1 {status} Scenario\r\nContent-Length: 2\r\n\r\n{{}}".encode())
                await writer.drain()
        writer.close()

    async def _closes_within(self, seconds: float) -> bool:
        """Wait so long, or until the server closes; whether it closes."""
        try:
            await asyncio.wait_for(self._closing.wait(), seconds)
        except TimeoutError:
            return False
        return True


async def _read_request(reader: asyncio.StreamReader) -> Post:
    """Read one HTTP/1.1 request with a Content-Length. Raises ValueError if the body exceeds 1 MB."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    size = int(headers.get("content-length", "0"))
    if size > _LONGEST_BODY:
        raise ValueError(f"Content-Length is {size} bytes; the limit is {_LONGEST_BODY}")
    return Post(first.split(" ")[1], headers, await reader.readexactly(size))
