"""Sound on the signalling connection: one frame of 20 ms in each binary message (docs/media.md)."""

from __future__ import annotations

from uuid import UUID

RATE = 16_000
"""Samples a second, mono, in the room."""
FRAME_MS = 20
FRAME_S = FRAME_MS / 1000
SAMPLES = RATE * FRAME_MS // 1000
"""Of a frame."""

_VERSION, _MY_VOICE, _WITH_ID = 1, 0, 1
_HEADER_BYTES = 18


def header(track_id: str | None) -> bytes:
    """What stands before the samples of one of my tracks; None is my voice. With no samples after it: a pause."""
    if track_id is None:
        return bytes([_VERSION, _MY_VOICE]) + bytes(16)
    return bytes([_VERSION, _WITH_ID]) + UUID(track_id).bytes


def heard(message: bytes) -> tuple[str, bytes] | None:
    """What somebody says: the id of the participant or of the track, and samples; None for other messages."""
    if len(message) < _HEADER_BYTES or message[0] != _VERSION or message[1] != _WITH_ID:
        return None
    return str(UUID(bytes=message[2:_HEADER_BYTES])), message[_HEADER_BYTES:]
