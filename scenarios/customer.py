"""The customer's server, which Daily posts to: about held callers, and webhooks. It answers as it is told."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from simulator.waiting import Changes

_LONGEST_BODY = 1_000_000


@dataclass(frozen=True, slots=True)
class Post:
    """One request: its path, header fields with names in lower case, and the raw body."""

    path: str
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        """The JSON of it; None for what is none."""
        try:
            return json.loads(self.raw)
        except ValueError:
            return None


class Customer:
    """A small HTTP server on a loopback port: `async with Customer() as customer`."""

    def __init__(self) -> None:
        self.posts: list[Post] = []
        """Everything that came, oldest first."""
        self.status = 200
        """What is answered."""
        self.after_s = 0.0
        """How long an answer takes."""
        self._changes = Changes()
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for writer in self._connections.values():
            writer.close()
        if self._connections:
            _, late = await asyncio.wait(self._connections, timeout=1)
            for task in late:
                task.cancel()

    @property
    def url(self) -> str:
        """Where it is: `http://127.0.0.1:port/daily`."""
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/daily"

    async def until(self, found: Any, *, within: float) -> Any:
        """What `found()` returns once it is not None, asked after each post; None when time is up."""
        return await self._changes.until(found, within=within)

    async def next_call(self, *, after: int = 0, within: float = 5) -> Post | None:
        """The first post about a held caller among those from `after` on."""

        def asked() -> Post | None:
            return next((post for post in self.posts[after:] if is_call(post)), None)

        found: Post | None = await self.until(asked, within=within)
        return found

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._connections[task] = writer
            task.add_done_callback(lambda over: self._connections.pop(task, None))
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, ValueError):
            while not writer.is_closing():
                post = await _read(reader)
                status, after_s = self.status, self.after_s
                self.posts.append(post)
                self._changes.notify()
                await asyncio.sleep(after_s)
                writer.write(f"HTTP/1.1 {status} Said\r\nContent-Length: 2\r\n\r\n{{}}".encode())
                await writer.drain()
        writer.close()


def is_call(post: Post) -> bool:
    """Whether it is about a caller, and no probe and no event."""
    return isinstance(post.body, dict) and "callId" in post.body


def bodies(posts: Sequence[Post]) -> list[Any]:
    """What was posted."""
    return [post.body for post in posts]


async def _read(reader: asyncio.StreamReader) -> Post:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    size = int(headers.get("content-length", "0"))
    if size > _LONGEST_BODY:
        raise ValueError(f"a body of {size} bytes")
    return Post(first.split(" ")[1], headers, await reader.readexactly(size))
