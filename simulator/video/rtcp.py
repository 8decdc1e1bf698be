"""The RTCP packets that video needs (RFC 3550 §6, RFC 4585 §6.3.1, RFC 5104 §4.3.1)."""

from __future__ import annotations

import struct
import time

_SENDER_REPORT, _RECEIVER_REPORT, _SOURCE_DESCRIPTION, _PAYLOAD_FEEDBACK = 200, 201, 202, 206
_PLI, _FIR = 1, 4
_NTP_EPOCH = 2_208_988_800
"""Seconds from the NTP epoch (1900) to the Unix epoch (1970)."""


def picture_loss(ssrc: int, peer_ssrc: int) -> bytes:
    """Build a compound packet that requests a key frame: an empty receiver report and a Picture Loss Indication."""
    report = _packet(_RECEIVER_REPORT, 0, struct.pack("!L", ssrc))
    return report + _packet(_PAYLOAD_FEEDBACK, _PLI, struct.pack("!LL", ssrc, peer_ssrc))


def sender_report(ssrc: int, timestamp: int, packets: int, size: int) -> bytes:
    """Build a compound packet of a sender report and the sender's CNAME.

    `timestamp` is the RTP timestamp of the newest packet, `packets` and `size` count packets and payload bytes.
    """
    now = time.time() + _NTP_EPOCH
    sent = struct.pack(
        "!LLLLLL", ssrc, int(now), int(now % 1 * 2**32), timestamp & 0xFFFFFFFF, packets, size & 0xFFFFFFFF
    )
    name = b"\x01\x09simulator"
    chunk = struct.pack("!L", ssrc) + name
    chunk += bytes(4 - len(chunk) % 4)
    return _packet(_SENDER_REPORT, 0, sent) + _packet(_SOURCE_DESCRIPTION, 1, chunk)


def requests_key_frame(data: bytes) -> bool:
    """Whether a compound packet contains a Picture Loss Indication or Full Intra Request; False if it is malformed."""
    while len(data) >= 4:
        first, kind, words = struct.unpack_from("!BBH", data)
        if first >> 6 != 2:
            return False
        if kind == _PAYLOAD_FEEDBACK and first & 0x1F in (_PLI, _FIR):
            return True
        data = data[4 + 4 * words :]
    return False


def _packet(kind: int, count: int, body: bytes) -> bytes:
    return struct.pack("!BBH", 0x80 | count, kind, len(body) // 4) + body
