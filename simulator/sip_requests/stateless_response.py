"""Responses that are made of nothing but the request (RFC 3261 §8.2.6 and §8.2.7), and where they are sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from hashlib import blake2b

from simulator.sip_bytes import Address, Message, Via, shown, split_list, value_of
from simulator.sip_requests.hop import Hop, Outgoing
from simulator.sip_requests.screening import InvalidRequest

TO_TAG_PREFIX = b"stateless-"
"""Starts the To tag of each of these responses, so that its ACK can be recognised."""

_COPIED = (b"via", b"from", b"to", b"call-id", b"cseq")

Headers = Iterable[tuple[str, str]]


def response_to_invalid(request: InvalidRequest, source: Hop) -> Outgoing:
    """The response to a request that did not pass screening."""
    return compose_response(
        request.message, request.via, source, request.status, request.reason, headers=request.headers
    )


def compose_response(
    message: Message, via: Via, source: Hop, status: int, reason: str, *, headers: Headers = ()
) -> Outgoing:
    """A response to the request `message` that came from `source` and whose top Via is `via`."""
    lines = [b"SIP/2.0 %d %s" % (status, shown(reason.encode(), most=160).encode())]
    seen: set[bytes] = set()
    for name, line in message.fields:
        if name not in _COPIED or (name != b"via" and name in seen):
            continue
        if name == b"via" and name not in seen:
            lines.append(stamped_via_line(line, via, source))
        elif name == b"to" and status > 100:
            lines.append(_with_to_tag(line, message))
        else:
            lines.append(line)
        seen.add(name)
    lines.extend(f"{name}: {value}".encode() for name, value in headers)
    lines.append(b"Content-Length: 0")
    return b"\r\n".join([*lines, b"", b""]), response_hop(via, source)


def response_hop(via: Via, source: Hop) -> Hop:
    """Where the response to a request is sent (RFC 3261 §18.2.2): its source address, at the port of its top Via.

    With `rport` that is the source port (RFC 3581 §4).
    """
    if source.connection is None and via.asks_rport:
        return source
    return replace(source, port=via.port or 5060)


def _with_to_tag(line: bytes, message: Message) -> bytes:
    address = Address.parse(value_of(line))
    if address is None or address.tag is not None:
        return line
    seed = b"|".join((message.value(b"via") or b"", message.value(b"call-id") or b""))
    return line + b";tag=" + TO_TAG_PREFIX + blake2b(seed, digest_size=6).hexdigest().encode()


def stamped_via_line(line: bytes, via: Via, source: Hop) -> bytes:
    """The line of the top Via with `received` and `rport` for the address that the request came from (RFC 3581)."""
    stamped = via.stamped(source.host, source.port)
    if stamped == via.raw:
        return line
    name, _, value = line.partition(b":")
    other_vias = split_list(value)[1:]
    return name + b": " + b",".join([stamped, *other_vias])
