"""Messages with random changes, the same ones for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.unit.front_door.proxy_bench import request, response_to
from tests.unit.front_door.torture import TORTURE

_PIECES = (
    b"\r\n",
    b"\r\n\r\n",
    b"\x00",
    b'"',
    b"<",
    b">",
    b";",
    b",",
    b":",
    b"=",
    b"@",
    b" ",
    b"%",
    b"\xff",
    b"9" * 12,
)


def originals() -> list[bytes]:
    """Valid messages of all kinds, and the torture messages."""
    methods = ("INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "INFO", "REFER", "UPDATE")
    valid = [request(method, call_id=f"m-{method}") for method in methods]
    valid += [request(method, call_id="m-INVITE", to_tag="worker") for method in methods]
    return [*valid, response_to(valid[0], 180), response_to(valid[0], 200), *(one.data for one in TORTURE)]


def mutated(count: int, seed: int) -> Iterator[bytes]:
    """`count` messages, each with one to four changes; most have a Call-ID and branch of their own."""
    rng = random.Random(seed)
    sources = originals()
    for number in range(count):
        data = rng.choice(sources)
        if rng.random() < 0.7:
            data = data.replace(b"-peer-1", b"-peer-%d" % number).replace(b"m-", b"m-%d-" % number)
        for _ in range(rng.randint(1, 4)):
            data = changed(data, rng)
        yield data


def changed(data: bytes, rng: random.Random) -> bytes:
    """The message with one random change of its bytes or lines."""
    place = rng.randrange(len(data) + 1)
    size = rng.choice((1, 1, 2, 5, 40))
    kind = rng.randrange(7)
    if kind == 0:
        return data[:place] + bytes([rng.randrange(256)]) + data[place + 1 :]
    if kind == 1:
        return data[:place] + data[place + size :]
    if kind == 2:
        return data[:place] + rng.choice(_PIECES) + data[place:]
    if kind == 3:
        return data[:place] + data[place : place + size] * rng.randint(2, 30) + data[place + size :]
    if kind == 4:
        return data[:place]
    lines = data.split(b"\r\n")
    one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    if kind == 5:
        lines[one], lines[other] = lines[other], lines[one]
    else:
        lines.insert(one, lines[other])
    return b"\r\n".join(lines)
