"""Removes a codec from the session description of a SIP message, as a border controller does that does not have it."""

from __future__ import annotations

import re

_STATIC = {"PCMU": b"0", "PCMA": b"8", "G722": b"9"}
"""Payload types that need no rtpmap (RFC 3551 §6)."""
_AUDIO = re.compile(rb"^(m=audio \d+ [^ \r\n]+)((?: \d+)+)", re.MULTILINE)
_LENGTH = re.compile(rb"^(content-length|l)([ \t]*:[ \t]*)\d+", re.IGNORECASE | re.MULTILINE)


def without_codec(message: bytes, codec: str) -> bytes:
    """A SIP message whose session description does not list the codec (its encoding name, in any case).

    A message without a description or without the codec stays as it is; an audio section that has no other format
    keeps the codec.
    """
    head, blank, body = message.partition(b"\r\n\r\n")
    numbers = _payload_types(body, codec)
    for number in numbers:
        body = _without_format(body, number)
    return _LENGTH.sub(rb"\g<1>\g<2>%d" % len(body), head) + blank + body if numbers else message


def _payload_types(body: bytes, codec: str) -> set[bytes]:
    """The payload types by which the audio sections name the codec."""
    named = re.findall(rb"^a=rtpmap:(\d+) " + re.escape(codec.encode()) + rb"/", body, re.IGNORECASE | re.MULTILINE)
    static = _STATIC.get(codec.upper())
    listed = {number for section in _AUDIO.finditer(body) for number in section[2].split()}
    return listed & {*named, *([] if static is None else [static])}


def _without_format(body: bytes, number: bytes) -> bytes:
    """The description without a payload type, its rtpmap and its fmtp; with it, where it is a section's only format."""

    def removed(section: re.Match[bytes]) -> bytes:
        others = [each for each in section[2].split() if each != number]
        return section[1] + b" " + b" ".join(others) if others else section[0]

    changed = _AUDIO.sub(removed, body)
    if changed == body:
        return body
    return re.sub(rb"^a=(?:rtpmap|fmtp):" + number + rb" [^\r\n]*\r?\n", b"", changed, flags=re.MULTILINE)
