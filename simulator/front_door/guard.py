"""What may come in: every request is examined by its bytes alone, before any worker sees it.

The answer is a `Request` (its facts, ready to be forwarded), a `Fault` (a request to be refused with that status,
without any memory of it) or a `Drop` (silence: no usable Via, or an ACK, which is never answered).

    400  the start line is not METHOD URI SIP/2.0 with single spaces; a header line without colon or name, or with
         NUL, a bare CR or LF; no blank line; more than 100 header lines; Content-Length that is no number, has two
         values or exceeds the datagram; not exactly one Call-ID, From, To and CSeq; an address in From or To that
         cannot be read; CSeq of another method or from 2^31 on; Max-Forwards repeated or above 255; a Via further
         down, or a Request-URI, that cannot be read
    505  another version than SIP/2.0          416  another URI scheme than sip and sips
    420  Proxy-Require                         513  more than 3,600 bytes

What follows needs more than the message and is the forwarder's: 481 no such call, 482 loop or merged request, 483 no
hops left, 405 another method out of dialog, 487 cancelled while waiting, 503 overload, 408 a silent worker, 480 a
worker that died.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from simulator.front_door.wire import Hop
from simulator.sip_bytes import Address, Message, Via, host_and_port, is_token, shown, split_list

LARGEST = 3600
"""Bytes of a request. PJSIP reads 4,000 of a datagram and takes a cut INVITE for one without an offer."""

ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK, REFER, NOTIFY"
_ONCE = ((b"call-id", "Call-ID"), (b"from", "From"), (b"to", "To"), (b"cseq", "CSeq"))
_CSEQ = re.compile(rb"([0-9]+)[ \t]+(\S+)\Z")
_CALL_ID = re.compile(rb"[\x21-\x7e]+\Z")
_URI_FORBIDDEN = re.compile(rb'[\x00-\x20\x7f<>"]')


@dataclass(frozen=True, slots=True)
class Drop:
    """Nothing is sent; `why` goes to the timeline."""

    why: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A request that gets `status` and `reason`, and the more header fields in `headers`."""

    status: int
    reason: str
    message: Message
    via: Via
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Request:
    """The facts of a sound request."""

    message: Message
    source: Hop
    method: bytes
    uri: bytes
    via: Via
    call_id: str
    cseq: int
    from_tag: bytes | None
    to_tag: bytes | None
    hops: int
    """Max-Forwards; 70 when absent."""


class _Wrong(Exception):
    def __init__(self, status: int, reason: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        self.status = status
        self.reason = reason
        self.headers = headers
        super().__init__(reason)


def _bad(detail: str) -> _Wrong:
    return _Wrong(400, f"Bad Request: {detail}")


def top_via(message: Message) -> Via | None:
    """The first Via value; None when there is none that can be used."""
    value = message.value(b"via")
    return None if value is None else Via.parse(split_list(value)[0])


def examine(message: Message, size: int, source: Hop) -> Request | Fault | Drop:
    """Judge a request of `size` bytes that came from `source`."""
    via = top_via(message)
    if via is None:
        return Drop("no usable Via")
    try:
        return _request(message, size, source, via)
    except _Wrong as wrong:
        if _is_ack(message):
            return Drop(f"an ACK is never answered, this one would get {wrong.status} {wrong.reason}")
        return Fault(wrong.status, wrong.reason, message, via, wrong.headers)


def _is_ack(message: Message) -> bool:
    cseq = message.value(b"cseq") or b""
    return message.start.lstrip()[:3].upper() == b"ACK" or cseq.upper().endswith(b"ACK")


def _request(message: Message, size: int, source: Hop, via: Via) -> Request:
    method, uri = _start_line(message.start)
    if message.flaw is not None:
        raise _bad(message.flaw)
    if size > LARGEST:
        raise _Wrong(513, f"Message Too Large: {size} bytes, allowed are {LARGEST}")
    _check_vias(message)
    call_id, caller, callee, cseq = (_only(message, *header) for header in _ONCE)
    if not _CALL_ID.match(call_id):
        raise _bad(f"Call-ID {shown(call_id)} is not one word")
    number = _number(cseq, method)
    hops = _hops(message)
    from_tag, to_tag = _address(caller, "From").tag, _address(callee, "To").tag
    _check_uri(uri)
    extensions = message.values(b"proxy-require")
    if extensions:
        unsupported = shown(b", ".join(extensions), most=100)
        raise _Wrong(420, "Bad Extension", (("Unsupported", unsupported),))
    return Request(message, source, method, uri, via, call_id.decode(), number, from_tag, to_tag, hops)


def _start_line(start: bytes) -> tuple[bytes, bytes]:
    parts = start.split(b" ")
    if len(parts) != 3 or not parts[1] or not is_token(parts[0]):
        raise _bad(f"the start line {shown(start)} is not METHOD URI SIP/2.0")
    method, uri, version = parts
    if version.upper() != b"SIP/2.0":
        raise _Wrong(505, f"Version Not Supported: {shown(version)}, allowed is SIP/2.0")
    return method, uri


def _check_vias(message: Message) -> None:
    for line in message.values(b"via"):
        for value in split_list(line):
            if Via.parse(value) is None:
                raise _bad(f"Via {shown(value)} cannot be used")


def _only(message: Message, name: bytes, title: str) -> bytes:
    values = message.values(name)
    if len(values) != 1:
        raise _bad(f"{len(values)} {title} headers, exactly one is needed")
    return values[0]


def _number(cseq: bytes, method: bytes) -> int:
    match = _CSEQ.match(cseq)
    if match is None or len(match[1]) > 20 or int(match[1]) >= 2**31:
        raise _bad(f"CSeq {shown(cseq)} is not a number below 2147483648 and a method")
    if match[2] != method:
        raise _bad(f"CSeq {shown(cseq)} does not name the method {shown(method)}")
    return int(match[1])


def _hops(message: Message) -> int:
    values = message.values(b"max-forwards")
    if not values:
        return 70
    if len(values) > 1:
        raise _bad("Max-Forwards is repeated")
    if not values[0].isdigit() or len(values[0]) > 9 or int(values[0]) > 255:
        raise _bad(f"Max-Forwards {shown(values[0])} is not a number from 0 to 255")
    return int(values[0])


def _address(value: bytes, title: str) -> Address:
    address = Address.parse(value)
    if address is None:
        raise _bad(f"{title} {shown(value)} is not an address")
    return address


def _check_uri(uri: bytes) -> None:
    if _URI_FORBIDDEN.search(uri):
        raise _bad(f"the Request-URI {shown(uri)} has a character that no URI has")
    scheme, colon, _ = uri.partition(b":")
    if not colon or not is_token(scheme):
        raise _bad(f"the Request-URI {shown(uri)} has no scheme")
    if scheme.lower() not in (b"sip", b"sips"):
        raise _Wrong(416, f"Unsupported URI Scheme: {shown(scheme)}, allowed are sip and sips")
    if host_and_port(uri) is None:
        raise _bad(f"the Request-URI {shown(uri)} has no host or no usable port")
