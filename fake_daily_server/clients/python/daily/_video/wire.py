"""Pictures on the signalling connection: one in each binary message (docs/video.md)."""

from __future__ import annotations

import struct
from uuid import UUID

_VERSION, _PICTURE = 1, 2
_HEADER = struct.Struct("<BB16sHH")
_MINE = bytes(16)


def is_picture(message: bytes) -> bool:
    """Whether a binary message is one; otherwise it is sound."""
    return message[1:2] == bytes([_PICTURE])


def shown(width: int, height: int, planes: bytes) -> bytes:
    """The message that shows a picture in I420."""
    return _HEADER.pack(_VERSION, _PICTURE, _MINE, width, height) + planes


def seen(message: bytes) -> tuple[str, int, int, bytes]:
    """Whose picture it is, its width and height, and its planes in I420."""
    _, _, whose, width, height = _HEADER.unpack_from(message)
    return str(UUID(bytes=whose)), width, height, message[_HEADER.size :]
