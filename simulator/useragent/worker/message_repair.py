"""What is done about a message whose header fields PJSIP cannot parse, which it would drop without a response.

- Of a Subscription-State with unusable parameters the state remains: liblinphone sends `terminated;reason=reason=…`.
- In a response, unusable fields are removed, such as the challenge of another scheme than Digest; so is the
  Authorization of a request.
- Any other request is answered 400 (RFC 3261 §21.4.1); an ACK goes on without the field.
- A request that is unusable as a whole, or by its start line, is answered 400, 416 or 505, as at the front door. PJSIP
  is given one with the same transaction, and nothing else.
- A request without a usable CSeq is answered 400 likewise; the response names the method of the start line.

A request without usable Via, From, To or Call-ID is dropped, and so is any other message that cannot be repaired.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulator.request_line import RequestLineError, check_request_uri, parse_request_line
from simulator.sip_bytes import Message, is_token, read, shown

_NEEDED = frozenset({b"via", b"v", b"from", b"f", b"to", b"t", b"call-id", b"i", b"cseq", b"content-length", b"l"})
_NOT_USED = frozenset({b"authorization", b"proxy-authorization"})
_OF_A_TRANSACTION = {b"via": b"v", b"from": b"f", b"to": b"t", b"call-id": b"i"}
"""What a response is made of (RFC 3261 §8.2.6.2) beside CSeq, with the shortest names."""
_CSEQ_LIMIT = 2**31
"""A CSeq number is below it (RFC 3261 §8.1.1.5)."""
_CSEQ_DIGITS = len(str(_CSEQ_LIMIT))
_UNREADABLE = (400, "Bad Request: the message cannot be parsed")
_SUBSCRIPTION_STATE = b"subscription-state"

Parses = Callable[[bytes, bytes], bool]
"""Whether PJSIP can parse the header field with this name and value."""


Refusal = tuple[int, str]
"""Status and reason phrase of a final response."""


@dataclass(frozen=True, slots=True)
class Repair:
    """The message as PJSIP can read it, always shorter than it was."""

    data: bytes
    refusal: Refusal | None
    """How the request has to be answered; None when it can be handled."""
    removed: tuple[str, ...]
    """The lines that were removed or shortened, for the log."""


def repair(data: bytes, parses: Parses) -> Repair | None:
    """Repair a message; None when that is not possible: a needed field cannot be parsed, say."""
    invalid = _invalid_request_line(data)
    if invalid is not None:
        return _only_its_transaction(data, parses, invalid)
    return _without_bad_fields(data, parses) or _only_its_transaction(data, parses, _UNREADABLE)


def _without_bad_fields(data: bytes, parses: Parses) -> Repair | None:
    head, blank_line, body = data.partition(b"\r\n\r\n")
    start, *lines = _field_lines(head)
    is_response, is_ack = start[:4].upper() == b"SIP/", start.startswith(b"ACK ")
    kept: list[bytes] = []
    removed: list[str] = []
    refusal: Refusal | None = None
    for line in lines:
        title, _, value = line.partition(b":")
        name, value = title.strip().lower(), _unfolded(value)
        if parses(name, value):
            kept.append(line)
            continue
        if name in _NEEDED:
            return None
        removed.append(shown(line, most=120))
        if name == _SUBSCRIPTION_STATE and parses(name, state := value.partition(b";")[0].strip()):
            kept.append(b"Subscription-State: " + state)
        elif not (is_response or is_ack or name in _NOT_USED):
            refusal = refusal or (400, f"Bad Request: {shown(title)} {shown(value)} cannot be parsed")
    repaired = b"\r\n".join([start, *kept]) + blank_line + body
    return Repair(repaired, refusal, tuple(removed)) if removed and len(repaired) < len(data) else None


def _invalid_request_line(data: bytes) -> Refusal | None:
    start = data.lstrip(b"\r\n").partition(b"\r\n")[0]
    if start[:4].upper() == b"SIP/":
        return None
    try:
        check_request_uri(parse_request_line(start)[1])
    except RequestLineError as invalid:
        return invalid.status, invalid.reason
    return None


def _only_its_transaction(data: bytes, parses: Parses, refusal: Refusal) -> Repair | None:
    """A request of which PJSIP needs to know only how to answer it: the method, in compact form, and no body."""
    message = read(data)
    cseq = _cseq(message, parses)
    if message.is_response or cseq is None or (method := cseq.split()[1]) == b"ACK":
        return None
    kept = [(name, line.partition(b":")[2].strip()) for name, line in message.fields if name in _OF_A_TRANSACTION]
    if {name for name, _ in kept} != set(_OF_A_TRANSACTION) or not all(parses(name, value) for name, value in kept):
        return None
    lines = [_OF_A_TRANSACTION[name] + b":" + value for name, value in kept]
    repaired = b"\r\n".join([method + b" sip:x SIP/2.0", *lines, b"CSeq:" + cseq, b"l:0", b"", b""])
    return Repair(repaired, refusal, (shown(message.start, most=120),)) if len(repaired) < len(data) else None


def _cseq(message: Message, parses: Parses) -> bytes | None:
    """The CSeq, or what replaces one that cannot be used: the method of the start line, with its number or 0.

    None when neither has a method.
    """
    given = message.values(b"cseq")
    parts = given[0].split() if given else []
    if len(given) == 1 and len(parts) == 2 and is_token(parts[1]) and parses(b"cseq", given[0]):
        return b" ".join(parts)
    method, number = message.start.split(b" ")[0], parts[0] if parts else b""
    usable = number.isdigit() and len(number) <= _CSEQ_DIGITS and int(number) < _CSEQ_LIMIT
    return (number if usable else b"0") + b" " + method if is_token(method) else None


def _field_lines(head: bytes) -> list[bytes]:
    """The start line and the header fields, each with the lines that continue it (RFC 3261 §7.3.1)."""
    lines: list[bytes] = []
    for line in head.split(b"\r\n"):
        if line.startswith((b" ", b"\t")) and len(lines) > 1:
            lines[-1] += b"\r\n" + line
        else:
            lines.append(line)
    return lines


def _unfolded(value: bytes) -> bytes:
    return b" ".join(part.strip() for part in value.split(b"\r\n"))
