"""The SDP in the body of a SIP message: alone, or as one part of a multipart body (RFC 5621)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SDP = "application/sdp"
_DEEPEST = 3
"""Multipart bodies in multipart bodies are read down to this depth."""
_LINE_END = re.compile(r"\r\n|\n")


@dataclass(frozen=True, slots=True)
class MessageBody:
    """What the body of a message says about media."""

    sdp: str | None = None
    """The session description; None without one."""
    not_understood: str = ""
    """The type of a body that is no SDP and may not be ignored (RFC 3261 §8.2.3); empty when there is none."""


def read_body(content_type: str, body: str, *, disposition: str = "", encoding: str = "") -> MessageBody:
    """Read a body with these values of Content-Type, Content-Disposition and Content-Encoding.

    A multipart body without SDP counts as none. Any other body counts unless its disposition says
    `handling=optional` (RFC 3261 §20.11).
    """
    if not body.strip():
        return MessageBody()
    if encoding.strip().lower() not in ("", "identity"):
        return MessageBody(not_understood=f"{_media_type(content_type)} with Content-Encoding {encoding.strip()}")
    if _media_type(content_type).startswith("multipart/"):
        return MessageBody(_in_parts(content_type, body, _DEEPEST))
    if _media_type(content_type) == _SDP:
        return MessageBody(body)
    optional = "optional" in (_parameter(disposition, "handling") or "").lower()
    return MessageBody(not_understood="" if optional else _media_type(content_type) or "a body without Content-Type")


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _in_parts(content_type: str, body: str, depth: int) -> str | None:
    """The first part that is SDP; of alternatives the last, which the sender prefers (RFC 2046 §5.1.4)."""
    found = []
    for kind, part in _parts(content_type, body):
        if _media_type(kind) == _SDP and part.strip():
            found.append(part)
        elif _media_type(kind).startswith("multipart/") and depth > 1:
            inner = _in_parts(kind, part, depth - 1)
            found += [inner] if inner is not None else []
    if not found:
        return None
    return found[-1] if _media_type(content_type) == "multipart/alternative" else found[0]


def _parts(content_type: str, body: str) -> list[tuple[str, str]]:
    """Content-Type and content of each part (RFC 2046 §5.1.1); a missing boundary is taken from the body."""
    lines = _LINE_END.split(body)
    boundary = _parameter(content_type, "boundary")
    delimiter = f"--{boundary}" if boundary else next((line.rstrip() for line in lines if line.startswith("--")), "--")
    parts: list[list[str]] = []
    for line in lines:
        mark = line.rstrip(" \t")
        if mark == f"{delimiter}--":
            break
        if mark == delimiter:
            parts.append([])
        elif parts:
            parts[-1].append(line)
    return [_part(part) for part in parts]


def _part(lines: list[str]) -> tuple[str, str]:
    end = lines.index("") if "" in lines else len(lines)
    kind = ""
    for line in lines[:end]:
        name, colon, value = line.partition(":")
        if colon and name.strip().lower() in ("content-type", "c"):
            kind = value.strip()
    return kind, "\r\n".join(lines[end + 1 :])


def _parameter(value: str, name: str) -> str | None:
    found = re.search(rf';\s*{name}\s*=\s*(?:"([^"]*)"|([^\s;]+))', value, re.IGNORECASE)
    return (found[1] if found[1] is not None else found[2]) if found else None
