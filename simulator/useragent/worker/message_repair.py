"""What is done about a message whose header fields PJSIP cannot parse, which it would drop without a response.

- Of a Subscription-State with unusable parameters the state remains: liblinphone sends `terminated;reason=reason=…`.
- In a response, unusable fields are removed, such as the challenge of another scheme than Digest; so is the
  Authorization of a request.
- Any other request is answered 400 (RFC 3261 §21.4.1); an ACK goes on without the field.

A message without usable Via, From, To, Call-ID, CSeq or Content-Length is dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulator.sip_bytes import shown

_NEEDED = frozenset({b"via", b"v", b"from", b"f", b"to", b"t", b"call-id", b"i", b"cseq", b"content-length", b"l"})
_NOT_USED = frozenset({b"authorization", b"proxy-authorization"})
_SUBSCRIPTION_STATE = b"subscription-state"

Parses = Callable[[bytes, bytes], bool]
"""Whether PJSIP can parse the header field with this name and value."""


@dataclass(frozen=True, slots=True)
class Repair:
    """The message as PJSIP can read it, always shorter than it was."""

    data: bytes
    refusal: str | None
    """Why the request has to be answered 400; None when it can be handled."""
    removed: tuple[str, ...]
    """The lines that were removed or shortened, for the log."""


def repair(data: bytes, parses: Parses) -> Repair | None:
    """Repair a message; None when a needed field cannot be parsed, and when no field can be removed or shortened."""
    head, blank_line, body = data.partition(b"\r\n\r\n")
    start, *lines = _field_lines(head)
    is_response, is_ack = start[:4].upper() == b"SIP/", start.startswith(b"ACK ")
    kept: list[bytes] = []
    removed: list[str] = []
    refusal: str | None = None
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
            refusal = refusal or f"{shown(title)} {shown(value)} cannot be parsed"
    repaired = b"\r\n".join([start, *kept]) + blank_line + body
    return Repair(repaired, refusal, tuple(removed)) if removed and len(repaired) < len(data) else None


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
