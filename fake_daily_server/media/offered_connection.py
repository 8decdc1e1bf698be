"""A WebRTC connection for sound that a browser offers: the server answers the offer, and sound flows both ways."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from aiortc import MediaStreamTrack, RTCSessionDescription

from fake_daily_server.media.encoded_audio_track import EncodedAudioTrack
from fake_daily_server.media.playout_buffer import PlayoutLimits
from fake_daily_server.media.webrtc_ice import loopback_ice, uses_loopback_only
from fake_daily_server.media.webrtc_leg import WebRtcMixLeg
from fake_daily_server.media.webrtc_peer import (
    CONNECT_TIMEOUT_S,
    HINT,
    UNUSABLE_SDP,
    new_peer_connection,
    samples_of,
    take_packets_at_once,
    use_opus,
)

_LIMITS = PlayoutLimits(reserve=1, most=5, window=50)
"""A person who talks notices delay sooner than a frame that is lost: what comes more than 100 ms late is of no use."""

logger = logging.getLogger("fake_daily_server.media")


class OfferedConnection:
    """The server's side of one such connection. Used on one loop. `on_ended` is called once, with the reason."""

    def __init__(self, on_ended: Callable[[str], None]) -> None:
        self._connection = new_peer_connection()
        track = EncodedAudioTrack()
        self.leg = WebRtcMixLeg(track, _LIMITS)
        """The sound from the browser, and that to it."""
        self._on_ended = on_ended
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_connected = asyncio.Event()
        self._ended = False
        with loopback_ice():
            transceiver = self._connection.addTransceiver(track, "sendrecv")
        use_opus(transceiver)
        take_packets_at_once(transceiver)
        self._connection.on("connectionstatechange", self._state_changed)
        self._connection.on("track", self._receive)

    async def answer(self, sdp: str) -> str:
        """Accept an offer with all its candidates; return the answer, also with all of them.

        Raises ValueError unless it is an offer with one media section, for sound in Opus.
        """
        connection = self._connection
        try:
            with loopback_ice():
                await connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
            kinds = [transceiver.kind for transceiver in connection.getTransceivers()]
            if kinds != ["audio"] or connection.sctp is not None or connection.getTransceivers()[0].mid is None:
                raise ValueError("it must have one media section, m=audio, and no others")
            await connection.setLocalDescription(await connection.createAnswer())
        except UNUSABLE_SDP as bad:
            raise ValueError(str(bad) or type(bad).__name__) from None
        if not uses_loopback_only(connection):
            raise ValueError("this version of aiortc does not allow ICE to be restricted to this machine")
        self._run(self._watch_connecting(), "connecting")
        return connection.localDescription.sdp

    async def close(self) -> None:
        """Close the connection; returns once its tasks and its socket are closed."""
        self._ended = True
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self._connection.close()
        self.leg.close()

    def _receive(self, track: MediaStreamTrack) -> None:
        self._run(self._hear(track), "sound of a browser")

    async def _hear(self, track: MediaStreamTrack) -> None:
        async for samples in samples_of(track):
            self.leg.playout.put(samples)

    async def _watch_connecting(self) -> None:
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await self._is_connected.wait()
        except TimeoutError:
            self._end(f"not connected {CONNECT_TIMEOUT_S:g} s after the answer; {HINT}")

    def _state_changed(self) -> None:
        match self._connection.connectionState:
            case "connected":
                self._is_connected.set()
            case "failed":
                lost = "the connection was lost"
                self._end(lost if self._is_connected.is_set() else f"ICE found no path to the browser; {HINT}")
            case "closed":
                self._end("the browser has closed the connection, or has vanished")

    def _end(self, reason: str) -> None:
        if not self._ended:
            self._ended = True
            self._on_ended(reason)

    def _run(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=f"WebRTC: {name}")
        self._tasks.add(task)
        task.add_done_callback(self._task_done)

    def _task_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("%s failed", task.get_name(), exc_info=error)
            self._end(f"{type(error).__name__}: {error}")
