"""What is done about a message whose header fields PJSIP cannot parse, which it would drop without a response.

- Of a Subscription-State with unusable parameters the state remains: liblinphone sends `terminated;reason=reason=…`.
- In a response, unusable fields are removed, such as the challenge of another scheme than Digest; so is the
  Authorization of a request. An ACK goes on without the field.
- Any other request cannot be used: it is refused, for its first unusable field.

No message can be used without usable Via, From, To, Call-ID, CSeq and Content-Length. Requests are screened before.
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
    removed: tuple[str, ...]
    """The lines that were removed or shortened, for the log."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """A message that cannot be repaired, and why."""

    why: str


def repair(data: bytes, parses: Parses) -> Repair | Unusable:
    """Repair a message whose start line is valid."""
    head, blank_line, body = data.partition(b"\r\n\r\n")
    start, *lines = _field_lines(head)
    is_request = start[:4].upper() != b"SIP/"
    kept: list[bytes] = []
    removed: list[str] = []
    for line in lines:
        title, _, value = line.partition(b":")
        name, value = title.strip().lower(), _unfolded(value)
        if parses(name, value):
            kept.append(line)
            continue
        if name == _SUBSCRIPTION_STATE and parses(name, state := value.partition(b";")[0].strip()):
            kept.append(b"Subscription-State: " + state)
        elif name in _NEEDED or (is_request and not start.startswith(b"ACK ") and name not in _NOT_USED):
            return Unusable(f"{shown(title)} {shown(value)} cannot be parsed")
        removed.append(shown(line, most=120))
    repaired = b"\r\n".join([start, *kept]) + blank_line + body
    if not removed or len(repaired) >= len(data):
        return Unusable("the message cannot be parsed")
    return Repair(repaired, tuple(removed))


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
