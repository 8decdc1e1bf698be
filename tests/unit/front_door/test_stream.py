"""Messages out of a TCP stream, however it is cut."""

from __future__ import annotations

import pytest

from simulator.front_door.stream import LARGEST_HEAD, Splitter
from tests.unit.front_door.bench import request

FIRST = request(call_id="one")
SECOND = request("OPTIONS", call_id="two").replace(b"Content-Length: 0", b"l : 0")


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100, 10_000])
def test_messages_come_out_whole_however_they_arrive(size: int) -> None:
    splitter = Splitter()
    stream = FIRST + SECOND + b"\r\n" + FIRST
    found = [one for at in range(0, len(stream), size) for one in splitter.feed(stream[at : at + size])]
    assert found == [FIRST, SECOND, FIRST]


def test_without_content_length_there_is_no_body() -> None:
    assert Splitter().feed(b"OPTIONS x\r\nA: b\r\n\r\n" + FIRST) == [b"OPTIONS x\r\nA: b\r\n\r\n", FIRST]


@pytest.mark.parametrize("size", [1, 4, 8])
def test_pings_are_counted(size: int) -> None:
    splitter = Splitter()
    stream = b"\r\n\r\n\r\n\r\n" + FIRST + b"\r\n\r\n"
    found = [one for at in range(0, len(stream), size) for one in splitter.feed(stream[at : at + size])]
    assert (found, splitter.pings) == ([FIRST], 3)


@pytest.mark.parametrize(
    "head",
    [b"Content-Length: x", b"l: -1", b"Content-Length: 1\r\nl: 2", b"Content-Length: 99999999", b"l: 9999999999999"],
)
def test_a_length_that_cannot_be_used_ends_the_stream(head: bytes) -> None:
    splitter = Splitter()
    data = b"INVITE x SIP/2.0\r\n" + head + b"\r\n\r\nbody"
    assert splitter.feed(data) == [data]
    assert splitter.broken
    assert splitter.feed(FIRST) == []


def test_headers_without_end_end_the_stream() -> None:
    splitter = Splitter()
    assert len(splitter.feed(b"x" * (LARGEST_HEAD + 1))) == 1
    assert splitter.broken
