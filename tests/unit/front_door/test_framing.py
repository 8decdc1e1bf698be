"""Framing of messages on a TCP stream, however its segments are cut."""

from __future__ import annotations

import pytest

from simulator.front_door.framing import MAX_HEADER_BYTES, StreamFramer
from tests.unit.front_door.proxy_bench import request

FIRST = request(call_id="one")
SECOND = request("OPTIONS", call_id="two").replace(b"Content-Length: 0", b"l : 0")


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100, 10_000])
def test_messages_come_out_whole_however_the_stream_is_cut(size: int) -> None:
    framer = StreamFramer()
    stream = FIRST + SECOND + b"\r\n" + FIRST
    found = [one for at in range(0, len(stream), size) for one in framer.feed(stream[at : at + size])]
    assert found == [FIRST, SECOND, FIRST]


def test_a_stream_breaks_at_a_message_without_content_length() -> None:
    framer = StreamFramer()
    stream = FIRST + b"OPTIONS x\r\nA: b\r\n\r\n" + SECOND
    assert framer.feed(stream) == [FIRST, stream[len(FIRST) :]]
    assert framer.broken


@pytest.mark.parametrize(
    "field", [b"Content-Length:\r\n 4", b"Content-Length :4", b"l:\r\n\t4", b"CONTENT-LENGTH: \r\n  4 "]
)
def test_a_content_length_may_be_folded(field: bytes) -> None:
    message = b"OPTIONS x\r\n" + field + b"\r\n\r\nbody"
    assert StreamFramer().feed(message + FIRST) == [message, FIRST]


@pytest.mark.parametrize("size", [1, 4, 8])
def test_keep_alive_pings_are_counted(size: int) -> None:
    framer = StreamFramer()
    stream = b"\r\n\r\n\r\n\r\n" + FIRST + b"\r\n\r\n"
    found = [one for at in range(0, len(stream), size) for one in framer.feed(stream[at : at + size])]
    assert (found, framer.unanswered_pings) == ([FIRST], 3)


@pytest.mark.parametrize(
    "head",
    [b"Content-Length: x", b"l: -1", b"Content-Length: 1\r\nl: 2", b"Content-Length: 99999999", b"l: 9999999999999"],
)
def test_an_invalid_content_length_breaks_the_stream(head: bytes) -> None:
    framer = StreamFramer()
    data = b"INVITE x SIP/2.0\r\n" + head + b"\r\n\r\nbody"
    assert framer.feed(data) == [data]
    assert framer.broken
    assert framer.feed(FIRST) == []


def test_headers_beyond_the_limit_break_the_stream() -> None:
    framer = StreamFramer()
    assert len(framer.feed(b"x" * (MAX_HEADER_BYTES + 1))) == 1
    assert framer.broken
