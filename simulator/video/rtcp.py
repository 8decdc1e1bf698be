"""The few RTCP packets that video needs (RFC 3550 §6, RFC 4585 §6.3.1, RFC 5104 §4.3.1)."""

from __future__ import annotations

import struct
import time

_SENDER, _RECEIVER, _DESCRIPTION, _FEEDBACK = 200, 201, 202, 206
_PLI, _FIR = 1, 4
_NTP_EPOCH = 2_208_988_800
"""Seconds from 1900 to 1970."""


def picture_loss(ssrc: int, peer_ssrc: int) -> bytes:
    """An empty receiver report and a request for a key frame."""
    return _packet(_RECEIVER, 0, struct.pack("!L", ssrc)) + _packet(
        _FEEDBACK, _PLI, struct.pack("!LL", ssrc, peer_ssrc)
    )


def report(ssrc: int, timestamp: int, packets: int, size: int) -> bytes:
    """A sender report and the sender's name; `timestamp` is that of the latest packet."""
    now = time.time() + _NTP_EPOCH
    sent = struct.pack(
        "!LLLLLL", ssrc, int(now), int(now % 1 * 2**32), timestamp & 0xFFFFFFFF, packets, size & 0xFFFFFFFF
    )
    name = b"\x01\x09simulator"
    chunk = struct.pack("!L", ssrc) + name
    chunk += bytes(4 - len(chunk) % 4)
    return _packet(_SENDER, 0, sent) + _packet(_DESCRIPTION, 1, chunk)


def wants_key_frame(data: bytes) -> bool:
    """Whether a compound packet asks for a key frame, by PLI or by FIR. Junk asks for nothing."""
    while len(data) >= 4:
        first, kind, words = struct.unpack_from("!BBH", data)
        if first >> 6 != 2:
            return False
        if kind == _FEEDBACK and first & 0x1F in (_PLI, _FIR):
            return True
        data = data[4 + 4 * words :]
    return False


def _packet(kind: int, count: int, body: bytes) -> bytes:
    return struct.pack("!BBH", 0x80 | count, kind, len(body) // 4) + body
