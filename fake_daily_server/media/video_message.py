"""Video on the signalling WebSocket: one uncompressed frame in each binary message (docs/signalling.md).

| bytes | content |
|---|---|
| 0 | version, 1 |
| 1 | kind, 2 |
| 2-17 | session id of the participant whose camera it is, a UUID as 16 bytes; zeros for the client's own camera |
| 18-19 | width in pixels, unsigned, little-endian |
| 20-21 | height in pixels, unsigned, little-endian |
| 22- | I420: the luma plane, then the two chroma planes, each of half the width and height, rounded up |
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from uuid import UUID

VERSION, VIDEO_FRAME = 1, 2
_HEADER = struct.Struct("<BB16sHH")


def is_video(data: bytes) -> bool:
    """Whether a binary message is a video frame; every other message is audio."""
    return data[1:2] == bytes([VIDEO_FRAME])


@dataclass(frozen=True, slots=True)
class VideoMessage:
    """One video frame as I420 planes. `session_id` is None for the client's own camera."""

    session_id: str | None
    width: int
    height: int
    planes: bytes

    @classmethod
    def parse(cls, data: bytes) -> VideoMessage:
        """Parse a binary message. Raises ValueError that names the wrong field and the expected value."""
        if len(data) < _HEADER.size:
            raise ValueError(f"a video frame has {len(data)} bytes but should have more than {_HEADER.size}")
        version, _, source, width, height = _HEADER.unpack_from(data)
        if version != VERSION:
            raise ValueError(f"byte 0 of a binary message is {version} but should be the version {VERSION}")
        if not (width and height):
            raise ValueError(f"a video frame is {width}x{height} but should have a width and a height")
        expected = width * height + 2 * ((width + 1) // 2) * ((height + 1) // 2)
        if len(data) - _HEADER.size != expected:
            raise ValueError(
                f"a video frame of {width}x{height} has {len(data) - _HEADER.size} bytes of I420 "
                f"but should have {expected}"
            )
        return cls(str(UUID(bytes=source)) if any(source) else None, width, height, data[_HEADER.size :])

    def __bytes__(self) -> bytes:
        source = bytes(16) if self.session_id is None else UUID(self.session_id).bytes
        return _HEADER.pack(VERSION, VIDEO_FRAME, source, self.width, self.height) + self.planes
