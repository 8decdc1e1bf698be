"""Audio on the signalling WebSocket: one frame of 20 ms in each binary message (docs/signalling.md).

| bytes | content |
|---|---|
| 0 | version, 1 |
| 1 | kind: 0 for the mix (to the client) or the microphone (from the client), 1 for a participant or a named track |
| 2-17 | kind 1: the session id of the participant or the id of the track, a UUID as 16 bytes; kind 0: zeros |
| 18-657 | 320 samples, 16-bit signed little-endian, mono, 16 kHz; absent in a message that announces a pause |
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from fake_daily_server.media.audio_frame import FRAME_BYTES

VERSION = 1
MIX, SPEAKER = 0, 1
HEADER_BYTES = 18
MESSAGE_BYTES = HEADER_BYTES + FRAME_BYTES
MIX_HEADER = bytes([VERSION, MIX]) + bytes(16)


@dataclass(frozen=True, slots=True)
class AudioMessage:
    """One audio frame. `source_id` is the session id of a participant or the id of a named track.

    `source_id` is None for the mix and for the client's own microphone. `pcm` is empty if the sender pauses.
    """

    source_id: str | None
    pcm: bytes

    @classmethod
    def parse(cls, data: bytes) -> AudioMessage:
        """Parse a binary message. Raises ValueError that names the wrong byte and the expected value."""
        if len(data) not in (MESSAGE_BYTES, HEADER_BYTES):
            raise ValueError(
                f"a binary message has {len(data)} bytes but should have {MESSAGE_BYTES}, one frame of 20 ms, "
                f"or {HEADER_BYTES} for a pause"
            )
        if data[0] != VERSION:
            raise ValueError(f"byte 0 of a binary message is {data[0]} but should be the version {VERSION}")
        if data[1] not in (MIX, SPEAKER):
            raise ValueError(
                f"byte 1 of a binary message is {data[1]} but should be {MIX} (mix) or {SPEAKER} (one speaker)"
            )
        source_id = str(UUID(bytes=data[2:HEADER_BYTES])) if data[1] == SPEAKER else None
        return cls(source_id, data[HEADER_BYTES:])

    def __bytes__(self) -> bytes:
        return (MIX_HEADER if self.source_id is None else speaker_header(self.source_id)) + self.pcm


def speaker_header(source_id: str) -> bytes:
    """The first 18 bytes of a message with the audio of this participant or track."""
    return bytes([VERSION, SPEAKER]) + UUID(source_id).bytes
