"""Sound on the signalling WebSocket: one frame of 20 ms in each binary message (docs/signalling.md).

| bytes | what |
|---|---|
| 0 | version, 1 |
| 1 | kind: 0 the mix for me, or my voice; 1 the voice of one participant, or one of its named tracks |
| 2-17 | that participant's session id, or the id of the track, as the 16 bytes of its UUID; zeros with kind 0 |
| 18-657 | 320 samples, 16-bit signed little-endian, mono, 16 kHz; left out by a client that pauses on purpose |
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from fake_daily_server.media.legs import FRAME_BYTES

VERSION = 1
MIX, VOICE = 0, 1
HEADER_BYTES = 18
MESSAGE_BYTES = HEADER_BYTES + FRAME_BYTES
MIX_HEADER = bytes([VERSION, MIX]) + bytes(16)


@dataclass(frozen=True, slots=True)
class SoundMessage:
    """`session_id` is None for the mix, and for one's own voice; else a participant's, or the id of a named track.

    `pcm` is empty when the speaker pauses.
    """

    session_id: str | None
    pcm: bytes

    @classmethod
    def parse(cls, data: bytes) -> SoundMessage:
        """Raises ValueError with what is wrong."""
        if len(data) not in (MESSAGE_BYTES, HEADER_BYTES):
            raise ValueError(
                f"a binary message has {len(data)} bytes but should have {MESSAGE_BYTES}, one frame of 20 ms, "
                f"or {HEADER_BYTES} for a pause"
            )
        if data[0] != VERSION:
            raise ValueError(f"byte 0 of a binary message is {data[0]} but should be the version {VERSION}")
        if data[1] not in (MIX, VOICE):
            raise ValueError(f"byte 1 of a binary message is {data[1]} but should be {MIX} (mix) or {VOICE} (voice)")
        speaker = str(UUID(bytes=data[2:HEADER_BYTES])) if data[1] == VOICE else None
        return cls(speaker, data[HEADER_BYTES:])

    def __bytes__(self) -> bytes:
        return (MIX_HEADER if self.session_id is None else voice_header(self.session_id)) + self.pcm


def voice_header(session_id: str) -> bytes:
    """What stands before the voice of this participant."""
    return bytes([VERSION, VOICE]) + UUID(session_id).bytes
