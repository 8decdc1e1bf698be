"""One client's WebRTC connection: the server sends offers, the client answers; media flow in both directions."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from aiortc import RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.sdp import candidate_from_sdp
from av import VideoFrame

from fake_daily_server.media.webrtc_ice import uses_loopback_only
from fake_daily_server.media.webrtc_peer import CONNECT_TIMEOUT_S, HINT, UNUSABLE_SDP, new_peer_connection, samples_of
from fake_daily_server.media.webrtc_sections import Kind, MediaSections, TrackSource

logger = logging.getLogger("fake_daily_server.media")

ANSWER_TIMEOUT_S = 10.0


class WebRtcConnection:
    """The server's side of one client's WebRTC connection. Used on one loop.

    Each offer is sent only after the previous one has been answered.
    """

    def __init__(
        self,
        *,
        send: Callable[[Mapping[str, Any]], None],
        on_connected: Callable[[], None],
        on_arranged: Callable[[MediaSections], None],
        on_failed: Callable[[str], None],
        on_video: Callable[[str, VideoFrame], None],
    ) -> None:
        """Create the connection. `send` receives the content of each `media` frame: an offer, or finally a failure.

        `on_connected` is called once media can flow; `on_arranged` after each answer, from which on the client knows
        the source of each track; `on_failed` with the reason; `on_video` with the name of a client's track and a frame.
        """
        self._connection = new_peer_connection()
        self.sections = MediaSections(self._connection)
        self.audio_sinks: dict[str, Callable[[Any], None]] = {}
        """The receivers of the client's audio, 16 kHz mono int16 samples, by name of the track."""
        self._send = send
        self._on_connected = on_connected
        self._on_arranged = on_arranged
        self._on_failed = on_failed
        self._on_video = on_video
        self._sources: Sequence[TrackSource] = ()
        self._upstream: dict[str, Kind] = {}
        self._offer_number = 0
        self._answered: asyncio.Future[None] | None = None
        self._offer_due = asyncio.Event()
        self._is_connected = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._received: set[str] = set()
        """Names of the client's tracks that already have a receiving task."""
        self._closing: asyncio.Task[None] | None = None
        self._connection.on("connectionstatechange", self._state_changed)

    def arrange(self, sources: Sequence[TrackSource], upstream: Mapping[str, Kind]) -> None:
        """Set what the client receives, and which tracks it may send, by name; sends an offer if either has changed."""
        new = upstream.keys() - self._upstream.keys()
        if new or tuple(sources) != tuple(self._sources):
            self._sources = tuple(sources)
            self._upstream |= upstream
            self._offer_due.set()
        if not self._tasks:
            self._run(self._negotiate(), "offers")

    async def answer(self, number: int, sdp: str) -> None:
        """Accept the client's answer to offer `number`. Raises ValueError for a wrong `number` or unusable SDP."""
        waiting = self._answered is not None and not self._answered.done()
        if self._answered is None or not waiting or number != self._offer_number:
            waits = f"offer {self._offer_number} waits" if waiting else "no offer waits"
            raise ValueError(f"number is {number}, but {waits} for an answer; use the number of the latest offer")
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
        except UNUSABLE_SDP as bad:
            raise ValueError(f"sdp is not a valid answer to offer {number}: {bad}") from None
        if not self._answered.done():
            self._answered.set_result(None)

    async def add_candidate(self, candidate: str, mid: str | None, index: int | None) -> None:
        """Add an ICE candidate that the client found after its answer. Raises ValueError if malformed or too early."""
        text = candidate.removeprefix("a=").removeprefix("candidate:")
        if not text:
            return
        try:
            parsed = candidate_from_sdp(text)
        except (ValueError, LookupError, AssertionError):
            raise ValueError(
                f"candidate is {candidate[:80]!r} but should be an SDP candidate line, "
                "such as 'candidate:1 1 udp 2130706431 127.0.0.1 5000 typ host'"
            ) from None
        parsed.sdpMid, parsed.sdpMLineIndex = mid, index
        if self._connection.remoteDescription is None:
            raise ValueError("candidate: candidates are accepted after the first answer; request answerMedia first")
        await self._connection.addIceCandidate(parsed)

    async def close(self) -> None:
        """Close the connection; returns once its tasks and its socket are closed. May be called repeatedly."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(), name="closing a WebRTC connection")
        await asyncio.shield(self._closing)

    # --- offers ----------------------------------------------------------------------------------------------

    async def _negotiate(self) -> None:
        while True:
            await self._offer_due.wait()
            if self._offer_number:
                await self._is_connected.wait()  # aiortc starts its transports by the sections of the first exchange
            self._offer_due.clear()
            for name, kind in self._upstream.items():
                self.sections.open_upstream(name, kind)
            if not self.sections.arrange(self._sources) and self._offer_number and not self._has_new_upstream():
                continue
            if not await self._offer():
                return

    def _has_new_upstream(self) -> bool:
        return any(mid is None for mid in self.sections.upstream_mids().values())

    async def _offer(self) -> bool:
        """Send an offer and wait for its answer. Returns False if the connection has failed."""
        if not uses_loopback_only(self._connection):
            self._fail("this version of aiortc does not allow ICE to be restricted to this machine")
            return False
        self._offer_number += 1
        await self._connection.setLocalDescription(await self._connection.createOffer())
        self._answered = asyncio.get_running_loop().create_future()
        self._send(
            {
                "offer": {"number": self._offer_number, "sdp": self._connection.localDescription.sdp},
                "upstream": self.sections.upstream_mids(),
                "tracks": self.sections.downstream_mids(),
            }
        )
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                await self._answered
        except TimeoutError:
            self._fail(f"offer {self._offer_number} was not answered in {ANSWER_TIMEOUT_S:g} s")
            return False
        self._receive_new_tracks()
        self._on_arranged(self.sections)
        if self._offer_number == 1:
            self._run(self._watch_connecting(), "connecting")
        return True

    async def _watch_connecting(self) -> None:
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await self._is_connected.wait()
        except TimeoutError:
            self._fail(f"not connected {CONNECT_TIMEOUT_S:g} s after the answer; {HINT}")

    def _state_changed(self) -> None:
        if self._closing is not None:
            return
        match self._connection.connectionState:
            case "connected" if not self._is_connected.is_set():
                self._is_connected.set()
                self._on_connected()
            case "failed":
                lost = "the connection was lost"
                self._fail(lost if self._is_connected.is_set() else f"ICE found no path to the client; {HINT}")
            case "closed":
                self._fail("the client has closed it")

    def _fail(self, because: str) -> None:
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(), name="closing a WebRTC connection")
            self._send({"failed": f"the WebRTC connection has ended: {because}"})
            self._on_failed(because)

    # --- tracks from the client ------------------------------------------------------------------------------

    def _receive_new_tracks(self) -> None:
        for name, track in self.sections.upstream_tracks().items():
            if name not in self._received and track is not None:
                self._received.add(name)
                receive = self._receive_audio if track.kind == "audio" else self._receive_video
                self._run(receive(name, track), f"{name} of a client")

    async def _receive_audio(self, name: str, track: MediaStreamTrack) -> None:
        async for samples in samples_of(track):
            if (sink := self.audio_sinks.get(name)) is not None:
                sink(samples)

    async def _receive_video(self, name: str, track: MediaStreamTrack) -> None:
        try:
            while True:
                received = await track.recv()
                if isinstance(received, VideoFrame):
                    self._on_video(name, received)
        except MediaStreamError:
            return

    # --- tasks -----------------------------------------------------------------------------------------------

    def _run(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=f"WebRTC: {name}")
        self._tasks.add(task)
        task.add_done_callback(self._task_done)

    def _task_done(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("%s failed", task.get_name(), exc_info=error)
            self._fail(f"{type(error).__name__}: {error}")

    async def _close(self) -> None:
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self._connection.close()
