"""A track whose frames are encoded already, so that aiortc only packs, encrypts and sends them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

if TYPE_CHECKING:
    from fake_daily_server.media.opus_voice import AudioPacket

_MOST_UNSENT = 10
"""Packets, 200 ms of sound. One more drops the oldest."""


class PacketTrack(MediaStreamTrack):
    """Used on one loop. Without a sender that asks for packets nothing is kept: old sound is no use later."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self.wanted = False
        """Whether there is a sender."""
        self._packets: asyncio.Queue[AudioPacket] = asyncio.Queue()

    def put(self, packet: AudioPacket) -> int:
        """Send a packet when the sender is ready; returns how many were dropped for it."""
        if not self.wanted:
            return 0
        self._packets.put_nowait(packet)
        if self._packets.qsize() <= _MOST_UNSENT:
            return 0
        self._packets.get_nowait()
        return 1

    async def recv(self) -> AudioPacket:
        """The next packet, for aiortc's sender."""
        if self.readyState != "live":
            raise MediaStreamError
        self.wanted = True
        return await self._packets.get()
