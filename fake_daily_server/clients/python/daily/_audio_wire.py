"""Sound on the signalling connection: one frame of 20 ms in each binary message (docs/media.md)."""

from __future__ import annotations

from uuid import UUID

RATE = 16_000
"""Samples a second, mono, in the room."""
FRAME_MS = 20
FRAME_S = FRAME_MS / 1000
SAMPLES = RATE * FRAME_MS // 1000
"""Of a frame."""

_VERSION, _MINE, _SOMEBODYS = 1, 0, 1
_HEADER_BYTES = 18
_MY_HEADER = bytes([_VERSION, _MINE]) + bytes(16)


def spoken(pcm: bytes) -> bytes:
    """The message that says a frame."""
    return _MY_HEADER + pcm


def heard(message: bytes) -> tuple[str, bytes] | None:
    """Who said what; None for a message that is not a participant's voice."""
    if len(message) < _HEADER_BYTES or message[0] != _VERSION or message[1] != _SOMEBODYS:
        return None
    return str(UUID(bytes=message[2:_HEADER_BYTES])), message[_HEADER_BYTES:]
