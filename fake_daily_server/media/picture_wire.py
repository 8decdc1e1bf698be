"""Pictures on the signalling WebSocket: one in each binary message (docs/signalling.md).

| bytes | what |
|---|---|
| 0 | version, 1 |
| 1 | kind, 2 |
| 2-17 | whose picture: a participant's session id as the 16 bytes of its UUID; zeros for one's own |
| 18-19 | width in pixels, little-endian |
| 20-21 | height |
| 22- | I420: the plane of brightness, then the two of colour, each half as wide and high, rounded up |
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from uuid import UUID

VERSION, PICTURE = 1, 2
_HEADER = struct.Struct("<BB16sHH")


def is_picture(data: bytes) -> bool:
    """Whether a binary message claims to be one; otherwise it is sound."""
    return data[1:2] == bytes([PICTURE])


@dataclass(frozen=True, slots=True)
class PictureMessage:
    """`session_id` is None for one's own picture."""

    session_id: str | None
    width: int
    height: int
    planes: bytes

    @classmethod
    def parse(cls, data: bytes) -> PictureMessage:
        """Raises ValueError with what is wrong."""
        if len(data) < _HEADER.size:
            raise ValueError(f"a picture has {len(data)} bytes but should have more than {_HEADER.size}")
        version, _, whose, width, height = _HEADER.unpack_from(data)
        if version != VERSION:
            raise ValueError(f"byte 0 of a binary message is {version} but should be the version {VERSION}")
        if not (width and height):
            raise ValueError(f"a picture is {width}x{height} but should have a width and a height")
        expected = width * height + 2 * ((width + 1) // 2) * ((height + 1) // 2)
        if len(data) - _HEADER.size != expected:
            raise ValueError(
                f"a picture of {width}x{height} has {len(data) - _HEADER.size} bytes of I420 but should have {expected}"
            )
        return cls(str(UUID(bytes=whose)) if any(whose) else None, width, height, data[_HEADER.size :])

    def __bytes__(self) -> bytes:
        whose = bytes(16) if self.session_id is None else UUID(self.session_id).bytes
        return _HEADER.pack(VERSION, PICTURE, whose, self.width, self.height) + self.planes
