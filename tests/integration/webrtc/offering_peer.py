"""A browser that talks through a phone of the page, with only httpx and aiortc, and no code of this project."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any, Self

import httpx
import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, AudioResampler

from tests.integration.webrtc.peer import RATE, Pcm, Tone


class OfferingPeer:
    """`async with OfferingPeer(url, phone_id, Tone(700)) as browser:` offers, and keeps what it receives."""

    def __init__(self, url: str, phone_id: str, microphone: MediaStreamTrack | None = None) -> None:
        self.pieces: list[tuple[float, Pcm]] = []
        """What was received, with the times of arrival."""
        self._news = asyncio.Event()
        self._phone = f"{url}/_sim/phones/{phone_id}"
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.connection.addTrack(microphone or Tone(0))
        self.connection.on("track", self._listen)
        self.connection.on("connectionstatechange", self._news.set)
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        answer = await self.post("talk", sdp=await self.offer())
        assert answer.status_code == 200, answer.text
        await self.connection.setRemoteDescription(RTCSessionDescription(answer.json()["sdp"], "answer"))
        await self.until(lambda: self.connection.connectionState == "connected")
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.connection.close()
        for task in self._tasks:
            task.cancel()

    async def offer(self) -> str:
        """An offer with all candidates."""
        await self.connection.setLocalDescription(await self.connection.createOffer())
        sdp: str = self.connection.localDescription.sdp
        return sdp

    async def post(self, verb: str, **body: Any) -> httpx.Response:
        async with httpx.AsyncClient(timeout=20, trust_env=False) as client:
            return await client.post(f"{self._phone}/{verb}", json=body)

    async def until(self, condition: Any, within: float = 10) -> None:
        async with asyncio.timeout(within):
            while not condition():
                self._news.clear()
                await self._news.wait()

    def vanish(self) -> None:
        """Close the sockets without a word, as when the browser dies."""
        for transceiver in self.connection.getTransceivers():
            for protocol in transceiver.receiver.transport.transport._connection._protocols:
                protocol.transport.close()

    async def next_second(self) -> Pcm:
        """The next second of sound, after 0.3 s that may still be older."""
        begin = len(self.pieces)
        await self.until(lambda: sum(len(piece) for _, piece in self.pieces[begin:]) >= 1.3 * RATE)
        return np.concatenate([piece for _, piece in self.pieces[begin:]])[-RATE:]

    def _listen(self, track: MediaStreamTrack) -> None:
        self._tasks.append(asyncio.create_task(self._hear(track)))

    async def _hear(self, track: MediaStreamTrack) -> None:
        resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                assert isinstance(frame, AudioFrame)
                for piece in resampler.resample(frame):
                    self.pieces.append((time.monotonic(), piece.to_ndarray().reshape(-1).astype(np.int16)))
                self._news.set()
