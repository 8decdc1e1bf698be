"""Messages bent at random, from a seed: the same ones in every run."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.unit.front_door.bench import request, response_to
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
    """Sound messages of all kinds, and the torture ones."""
    methods = ("INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "INFO", "REFER", "UPDATE")
    sound = [request(method, call_id=f"m-{method}") for method in methods]
    sound += [request(method, call_id="m-INVITE", to_tag="worker") for method in methods]
    return [*sound, response_to(sound[0], 180), response_to(sound[0], 200), *(one.data for one in TORTURE)]


def mutated(count: int, seed: int) -> Iterator[bytes]:
    """`count` messages, each with one to four changes; most are a call of their own."""
    chance = random.Random(seed)
    sources = originals()
    for number in range(count):
        data = chance.choice(sources)
        if chance.random() < 0.7:
            data = data.replace(b"-peer-1", b"-peer-%d" % number).replace(b"m-", b"m-%d-" % number)
        for _ in range(chance.randint(1, 4)):
            data = _change(data, chance)
        yield data


def _change(data: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(data) + 1)
    size = chance.choice((1, 1, 2, 5, 40))
    kind = chance.randrange(7)
    if kind == 0:
        return data[:place] + bytes([chance.randrange(256)]) + data[place + 1 :]
    if kind == 1:
        return data[:place] + data[place + size :]
    if kind == 2:
        return data[:place] + chance.choice(_PIECES) + data[place:]
    if kind == 3:
        return data[:place] + data[place : place + size] * chance.randint(2, 30) + data[place + size :]
    if kind == 4:
        return data[:place]
    lines = data.split(b"\r\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    if kind == 5:
        lines[one], lines[other] = lines[other], lines[one]
    else:
        lines.insert(one, lines[other])
    return b"\r\n".join(lines)
