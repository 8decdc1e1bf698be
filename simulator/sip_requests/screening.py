"""Screening of requests: each is validated by its bytes alone, by the front door and by a worker at its own port.

The result is a `Request` that can be handled, an `InvalidRequest` that is answered statelessly with an error, or a
`Drop` that is ignored: it has no usable Via, or it is an ACK, which is never answered.

    400  the start line is invalid (`request_line`); a header line has no colon or no name, or
         contains NUL, a bare CR or a bare LF; no blank line; more than 100 header lines; Content-Length is not a
         number, has two values, exceeds the datagram, or is missing on TCP; not exactly one Call-ID, From, To and
         CSeq; From or To has no valid address; CSeq names another method or is 2^31 or more; Max-Forwards is repeated
         or above 255; another Via or the Request-URI cannot be parsed
    505  another version than SIP/2.0          416  another URI scheme than sip and sips
    420  Proxy-Require, at the front door      513  more than 3,600 bytes, at a worker 3,999

Checks that need more than the message are made by `proxy` and `call_admission`: see `final_responses`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from simulator.request_line import RequestLineError, check_request_uri, has_forbidden, parse_request_line
from simulator.sip_bytes import Address, Message, Via, is_token, shown, split_list
from simulator.sip_requests.hop import Hop
from simulator.sip_requests.request import Request, top_via

MAX_REQUEST_BYTES = 3600
"""What the front door forwards, with lines of its own: PJSIP reads 4,000 bytes, and would take a truncated INVITE for
one without an offer."""
MAX_WORKER_REQUEST_BYTES = 3999
"""What a worker takes: a message of 4,000 bytes may have been longer."""

_EXACTLY_ONE = ((b"call-id", "Call-ID"), (b"from", "From"), (b"to", "To"), (b"cseq", "CSeq"))
_CSEQ = re.compile(rb"([0-9]+)[ \t]+(\S+)\Z")
_CALL_ID = re.compile(rb"[\x21-\x7e]+\Z")
_NAME_ADDR = re.compile(rb'(?:[ \t]*"(?:[^"\\]|\\.)*"[ \t]*|[^"<>]*)<[^<>]*>[ \t]*(?:;.*)?\Z', re.DOTALL)
_SIP_URI = re.compile(rb"sips?:(?:[^@]*@)?(?:\[[^\]]*\]|[^@:;?]+)(?::([0-9]{1,5}))?(?:[;?].*)?\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Drop:
    """A request that is neither forwarded nor answered; `why` goes to the timeline."""

    why: str


@dataclass(frozen=True, slots=True)
class InvalidRequest:
    """A request that is answered with `status`, `reason` and the additional header fields in `headers`."""

    status: int
    reason: str
    message: Message
    via: Via
    headers: tuple[tuple[str, str], ...] = ()


class _Invalid(Exception):
    def __init__(self, status: int, reason: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        self.status = status
        self.reason = reason
        self.headers = headers
        super().__init__(reason)


def _bad_request(detail: str) -> _Invalid:
    return _Invalid(400, f"Bad Request: {detail}")


def screen(message: Message, size: int, source: Hop, *, at_worker: bool = False) -> Request | InvalidRequest | Drop:
    """Validate a request of `size` bytes that came from `source`, for the front door or for a worker."""
    via = top_via(message)
    if via is None:
        return Drop("no usable Via")
    try:
        _check_size(size, MAX_WORKER_REQUEST_BYTES if at_worker else MAX_REQUEST_BYTES)
        request = _valid_request(message, source, via)
        if not at_worker:
            _check_proxy_require(message)
    except RequestLineError as invalid:
        return refused(message, via, invalid.status, invalid.reason)
    except _Invalid as invalid:
        return refused(message, via, invalid.status, invalid.reason, invalid.headers)
    return request


def refused(
    message: Message, via: Via, status: int, reason: str, headers: tuple[tuple[str, str], ...] = ()
) -> InvalidRequest | Drop:
    """What becomes of a request that is invalid: a response, unless it is an ACK."""
    if _is_ack(message):
        return Drop(f"invalid ACK, which is never answered: {status} {reason}")
    return InvalidRequest(status, reason, message, via, headers)


def _is_ack(message: Message) -> bool:
    cseq = message.value(b"cseq") or b""
    return message.start.lstrip()[:3] == b"ACK" or cseq.endswith(b"ACK")  # methods are case-sensitive


def _valid_request(message: Message, source: Hop, via: Via) -> Request:
    method, uri = parse_request_line(message.start)
    if message.flaw is not None:
        raise _bad_request(message.flaw)
    if source.connection is not None and not message.lines(b"content-length"):
        raise _bad_request("a message on a stream needs a Content-Length")
    _check_vias(message)
    call_id, caller, callee, cseq = (_only_value(message, *header) for header in _EXACTLY_ONE)
    if not _CALL_ID.match(call_id):
        raise _bad_request(f"Call-ID {shown(call_id)} is not one word of printable ASCII")
    number = _cseq_number(cseq, method)
    max_forwards = _max_forwards(message)
    from_tag, to_tag = _address(caller, "From").tag, _address(callee, "To").tag
    check_request_uri(uri)
    return Request(message, source, method, uri, via, call_id.decode(), number, from_tag, to_tag, max_forwards)


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise _Invalid(513, f"Message Too Large: {size} bytes, at most {most} are allowed")


def _check_proxy_require(message: Message) -> None:
    extensions = message.values(b"proxy-require")
    if extensions:
        unsupported = shown(b", ".join(extensions), most=100)
        raise _Invalid(420, "Bad Extension", (("Unsupported", unsupported),))


def _check_vias(message: Message) -> None:
    for line in message.values(b"via"):
        for value in split_list(line):
            via = Via.parse(value)
            if via is None:
                raise _bad_request(f"Via {shown(value)} cannot be parsed")
            if via.version != b"2.0":
                version = shown(b"SIP/" + via.version)
                raise _Invalid(505, f"Version Not Supported: {version} in Via, only SIP/2.0 is supported")


def _only_value(message: Message, name: bytes, title: str) -> bytes:
    values = message.values(name)
    if len(values) != 1:
        raise _bad_request(f"{len(values)} {title} headers, exactly one is required")
    return values[0]


def _cseq_number(cseq: bytes, method: bytes) -> int:
    match = _CSEQ.match(cseq)
    if match is None or len(match[1]) > 20 or int(match[1]) >= 2**31:
        raise _bad_request(f"CSeq {shown(cseq)} is not a number below 2147483648 and a method")
    if match[2] != method:
        raise _bad_request(f"CSeq {shown(cseq)} does not name the method {shown(method)}")
    return int(match[1])


def _max_forwards(message: Message) -> int:
    values = message.values(b"max-forwards")
    if not values:
        return 70
    if len(values) > 1:
        raise _bad_request("Max-Forwards is repeated")
    if not values[0].isdigit() or len(values[0]) > 9 or int(values[0]) > 255:
        raise _bad_request(f"Max-Forwards {shown(values[0])} is not a number from 0 to 255")
    return int(values[0])


def _address(value: bytes, title: str) -> Address:
    address = Address.parse(value)
    if address is None or not _is_valid_address(value, address.uri):
        raise _bad_request(f"{title} {shown(value)} is not a valid address")
    return address


def _is_valid_address(value: bytes, uri: bytes) -> bool:
    """Whether a From or To can be parsed by PJSIP: at most one quoted name, and a URI of any scheme."""
    if b"<" in value and not _NAME_ADDR.match(value):
        return False
    scheme, colon, _ = uri.partition(b":")
    if has_forbidden(uri) or not colon or not is_token(scheme):
        return False
    sip_uri = _SIP_URI.match(uri)
    is_sip = scheme.lower() in (b"sip", b"sips")
    return not is_sip or (sip_uri is not None and int(sip_uri[1] or 1) < 65536)
