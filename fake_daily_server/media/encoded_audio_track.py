"""An audio track of encoded Opus packets, which aiortc only packs into RTP, encrypts and sends."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

if TYPE_CHECKING:
    from fake_daily_server.media.opus_encoder import AudioPacket

_MOST_QUEUED = 10
"""The most packets in the queue, 200 ms of audio. One more drops the oldest."""


class EncodedAudioTrack(MediaStreamTrack):
    """A queue of Opus packets for one sender. Used on one loop.

    Packets are queued only after the sender has requested the first one: earlier audio would be stale.
    """

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self.has_sender = False
        self._packets: asyncio.Queue[AudioPacket] = asyncio.Queue()

    def put(self, packet: AudioPacket) -> int:
        """Queue a packet for the sender. Returns how many older packets were dropped to make room."""
        if not self.has_sender:
            return 0
        self._packets.put_nowait(packet)
        if self._packets.qsize() <= _MOST_QUEUED:
            return 0
        self._packets.get_nowait()
        return 1

    async def recv(self) -> AudioPacket:
        """Return the next packet; called by aiortc's sender."""
        if self.readyState != "live":
            raise MediaStreamError
        self.has_sender = True
        return await self._packets.get()
