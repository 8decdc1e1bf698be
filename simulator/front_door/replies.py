"""Responses that the front door makes itself, without remembering them (RFC 3261 §8.2.6, §8.2.7)."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from simulator.front_door.guard import Fault, Request
from simulator.front_door.wire import Hop, Out
from simulator.sip_bytes import Address, Message, Via, shown, split_list, value_of

TAG_PREFIX = b"front-door-"
"""Starts the To tag of every response made here, so that its ACK is recognised."""

_COPIED = (b"via", b"from", b"to", b"call-id", b"cseq")


Headers = Iterable[tuple[str, str]]


def answer(request: Request, status: int, reason: str, headers: Headers = ()) -> Out:
    """The response to a sound request."""
    return response(request.message, request.via, request.source, status, reason, headers=headers)


def of_fault(fault: Fault, source: Hop) -> Out:
    """The response to a request that the guard refused."""
    return response(fault.message, fault.via, source, fault.status, fault.reason, headers=fault.headers)


def response(message: Message, via: Via, source: Hop, status: int, reason: str, *, headers: Headers = ()) -> Out:
    """The response to a request whose usable top Via is `via` and that came from `source`."""
    lines = [b"SIP/2.0 %d %s" % (status, shown(reason.encode(), most=160).encode())]
    seen: set[bytes] = set()
    for name, line in message.fields:
        if name not in _COPIED or (name != b"via" and name in seen):
            continue
        if name == b"via" and name not in seen:
            lines.append(stamped_line(line, via, source))
        elif name == b"to" and status > 100:
            lines.append(_with_tag(line, message))
        else:
            lines.append(line)
        seen.add(name)
    lines.extend(f"{name}: {value}".encode() for name, value in headers)
    lines.append(b"Content-Length: 0")
    return b"\r\n".join([*lines, b"", b""]), answer_hop(via, source)


def stamped_line(line: bytes, via: Via, source: Hop) -> bytes:
    """The line of the top Via with where the request really came from."""
    stamped = via.stamped(source.host, source.port)
    if stamped == via.raw:
        return line
    name, _, value = line.partition(b":")
    rest = split_list(value)[1:]
    return name + b": " + b",".join([stamped, *rest])


def answer_hop(via: Via, source: Hop) -> Hop:
    """Where the answer to a request goes: back to where it came from, at the port that it asked for."""
    if source.connection is None and via.asks_rport:
        return source
    return Hop(source.host, via.port or 5060, source.connection)


def _with_tag(line: bytes, message: Message) -> bytes:
    address = Address.parse(value_of(line))
    if address is None or address.tag is not None:
        return line
    seed = b"|".join((message.value(b"via") or b"", message.value(b"call-id") or b""))
    return line + b";tag=" + TAG_PREFIX + blake2b(seed, digest_size=6).hexdigest().encode()
