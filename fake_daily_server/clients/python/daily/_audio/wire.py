"""Audio on the signalling connection: one frame of 20 ms in each binary message (docs/signalling.md)."""

from __future__ import annotations

from uuid import UUID

RATE = 16_000
"""Samples per second of the room's audio, which is mono."""
FRAME_MS = 20
FRAME_S = FRAME_MS / 1000
SAMPLES = RATE * FRAME_MS // 1000
"""Samples in a frame."""

_VERSION, _OWN_VOICE, _WITH_ID = 1, 0, 1
_HEADER_BYTES = 18


def audio_header(track_id: str | None) -> bytes:
    """The header before the samples of this client's track (None: its voice). Without samples, it means a pause."""
    if track_id is None:
        return bytes([_VERSION, _OWN_VOICE]) + bytes(16)
    return bytes([_VERSION, _WITH_ID]) + UUID(track_id).bytes


def parse_audio(message: bytes) -> tuple[str, bytes] | None:
    """Return the id of the participant or track, and the samples; None for other messages."""
    if len(message) < _HEADER_BYTES or message[0] != _VERSION or message[1] != _WITH_ID:
        return None
    return str(UUID(bytes=message[2:_HEADER_BYTES])), message[_HEADER_BYTES:]
