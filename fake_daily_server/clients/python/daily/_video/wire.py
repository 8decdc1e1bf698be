"""Video on the signalling connection: one frame in each binary message (docs/signalling.md)."""

from __future__ import annotations

import struct
from uuid import UUID

_VERSION, _PICTURE = 1, 2
_HEADER = struct.Struct("<BB16sHH")
_OWN_CAMERA = bytes(16)


def is_picture(message: bytes) -> bool:
    """Whether a binary message is a video frame; otherwise it is audio."""
    return message[1:2] == bytes([_PICTURE])


def pack_picture(width: int, height: int, planes: bytes) -> bytes:
    """Return the message with a frame of this client's camera, given as I420 planes."""
    return _HEADER.pack(_VERSION, _PICTURE, _OWN_CAMERA, width, height) + planes


def parse_picture(message: bytes) -> tuple[str, int, int, bytes]:
    """Return the participant id, the width and height in pixels, and the I420 planes."""
    _, _, participant, width, height = _HEADER.unpack_from(message)
    return str(UUID(bytes=participant)), width, height, message[_HEADER.size :]
