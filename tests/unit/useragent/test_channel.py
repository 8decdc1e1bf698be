"""Lines and descriptors over a real socket pair."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator

import pytest

from simulator.useragent.channel import Channel


class End:
    """One end of a channel, with everything that it has received."""

    def __init__(self, sock: socket.socket) -> None:
        self.lines: list[bytes] = []
        self.ended = 0
        self.changed = asyncio.Event()
        self.channel = Channel(sock, self._line, self._end)

    def _line(self, line: bytes) -> None:
        self.lines.append(line)
        self.changed.set()

    def _end(self) -> None:
        self.ended += 1
        self.changed.set()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self.lines) < count and not self.ended:
                self.changed.clear()
                await self.changed.wait()


@pytest.fixture
async def ends() -> AsyncIterator[tuple[End, End]]:
    left, right = map(End, socket.socketpair())
    yield left, right
    left.channel.close()
    right.channel.close()


async def test_lines_of_any_size_arrive_in_order(ends: tuple[End, End]) -> None:
    left, right = ends
    sent = [b"a", b"", b"x" * 3_000_000, b"y" * 70_000, b"end"]
    for line in sent:
        left.channel.send(line)
    right.channel.send(b"back")
    await right.until(len(sent))
    await left.until(1)
    assert (right.lines, left.lines) == (sent, [b"back"])


async def test_descriptors_arrive_with_their_lines(ends: tuple[End, End]) -> None:
    left, right = ends
    left.channel.send(b"z" * 1_000_000)
    pipes = [os.pipe() for _ in range(3)]
    left.channel.send(b"one", [pipes[0][0]])
    left.channel.send(b"none")
    left.channel.send(b"two", [pipes[1][0], pipes[2][0]])
    await right.until(4)
    for index, descriptor in enumerate([*right.channel.take_descriptors(1), *right.channel.take_descriptors(2)]):
        os.write(pipes[index][1], b"%d" % index)
        assert os.read(descriptor, 9) == b"%d" % index
        assert not os.get_inheritable(descriptor)
        os.close(descriptor)
        os.close(pipes[index][1])


async def test_the_close_is_reported_once_and_later_lines_are_dropped(ends: tuple[End, End]) -> None:
    left, right = ends
    left.channel.send(b"last")
    left.channel.close()
    await right.until(2)
    assert (right.lines, right.ended, left.ended) == ([b"last"], 1, 0)
    reader, writer = os.pipe()
    right.channel.send(b"too late", [reader])
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(reader)
    os.close(writer)


async def test_flush_returns_after_its_time_limit(ends: tuple[End, End]) -> None:
    left, right = ends
    left.channel.send(b"x" * 5_000_000)
    began = asyncio.get_running_loop().time()
    left.channel.flush(0.05)
    assert asyncio.get_running_loop().time() - began < 1
    await right.until(1)
    assert len(right.lines[0]) == 5_000_000
