"""One client's WebRTC connection: the server offers, the client answers, and sound and video go both ways."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Protocol

from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.exceptions import InvalidAccessError, InvalidStateError, OperationError
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.sdp import candidate_from_sdp
from av import AudioFrame, AudioResampler, VideoFrame

from fake_daily_server.media.legs import RATE
from fake_daily_server.media.playout import Playout
from fake_daily_server.media.webrtc_ice import stays_here
from fake_daily_server.media.webrtc_slots import Kind, Slots, Source

logger = logging.getLogger("fake_daily_server.media")

ANSWER_WITHIN_S = 10.0
CONNECTED_WITHIN_S = 10.0

_HINT = "a browser on a machine without a network needs --allow-loopback-in-peer-connection"


class MediaLeg(Protocol):
    """What a connection needs of its leg in the mixer."""

    playout: Playout


class WebRtcConnection:
    """Used on one loop. `offers` are sent one after the other, each when the one before is answered.

    `send` gets each offer, and at the end a failure, as JSON. `connected` is called when media flows, and `arranged`
    whenever the client knows which track carries what; `picture` gets what the client's tracks show, with their names.
    """

    def __init__(
        self,
        *,
        send: Callable[[Mapping[str, Any]], None],
        connected: Callable[[], None],
        arranged: Callable[[Slots], None],
        failed: Callable[[str], None],
        picture: Callable[[str, VideoFrame], None],
    ) -> None:
        configuration = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        self._connection = RTCPeerConnection(configuration)
        self.slots = Slots(self._connection)
        self.hear: dict[str, Callable[[Any], None]] = {}
        """Who gets the sound of each of the client's tracks, 16 kHz mono, by name."""
        self._send = send
        self._connected = connected
        self._arranged = arranged
        self._failed = failed
        self._picture = picture
        self._sources: Sequence[Source] = ()
        self._upstream: dict[str, Kind] = {}
        self._number = 0
        self._answer: asyncio.Future[None] | None = None
        self._changed = asyncio.Event()
        self._up = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listened: set[str] = set()
        self._closing: asyncio.Task[None] | None = None
        self._connection.on("connectionstatechange", self._state_changed)

    def arrange(self, sources: Sequence[Source], upstream: Mapping[str, Kind]) -> None:
        """What the client shall get, and may send by name; offered when that has changed."""
        new = upstream.keys() - self._upstream.keys()
        if new or tuple(sources) != tuple(self._sources):
            self._sources = tuple(sources)
            self._upstream |= upstream
            self._changed.set()
        if not self._tasks:
            self._run(self._negotiate(), "offers")

    async def answer(self, number: int, sdp: str) -> None:
        """The client's answer to the offer with this number. Raises ValueError with what is wrong."""
        if self._answer is None or self._answer.done() or number != self._number:
            waits = f"offer {self._number} waits" if self._answer and not self._answer.done() else "no offer waits"
            raise ValueError(f"number is {number}, but {waits} for an answer")
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
        except (InvalidAccessError, InvalidStateError, OperationError, ValueError, LookupError, AssertionError) as bad:
            raise ValueError(f"sdp is no answer to offer {number}: {bad}") from None
        if not self._answer.done():
            self._answer.set_result(None)

    async def add_candidate(self, candidate: str, mid: str | None, index: int | None) -> None:
        """A candidate that the client found later. Raises ValueError with what is wrong."""
        text = candidate.removeprefix("a=").removeprefix("candidate:")
        if not text:
            return
        try:
            parsed = candidate_from_sdp(text)
        except (ValueError, LookupError, AssertionError):
            raise ValueError(f"candidate is {candidate[:80]!r} but should be a line as in SDP") from None
        parsed.sdpMid, parsed.sdpMLineIndex = mid, index
        if self._connection.remoteDescription is None:
            raise ValueError("candidates can be added after the first answer")
        await self._connection.addIceCandidate(parsed)

    async def close(self) -> None:
        """End it; returns when nothing of it is left. Can be repeated."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(), name="closing a WebRTC connection")
        await asyncio.shield(self._closing)

    # --- offers ----------------------------------------------------------------------------------------------

    async def _negotiate(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            for name, kind in self._upstream.items():
                self.slots.open_upstream(name, kind)
            if not self.slots.arrange(self._sources) and self._number and not self._upstream_is_new():
                continue
            if not await self._offer():
                return

    def _upstream_is_new(self) -> bool:
        return any(mid is None for mid in self.slots.upstream_mids().values())

    async def _offer(self) -> bool:
        if not stays_here(self._connection):
            self._fail("this version of aiortc does not let ICE be kept on this machine")
            return False
        self._number += 1
        await self._connection.setLocalDescription(await self._connection.createOffer())
        self._answer = asyncio.get_running_loop().create_future()
        self._send(
            {
                "offer": {"number": self._number, "sdp": self._connection.localDescription.sdp},
                "upstream": self.slots.upstream_mids(),
                "tracks": self.slots.mids(),
            }
        )
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await self._answer
        except TimeoutError:
            self._fail(f"offer {self._number} was not answered in {ANSWER_WITHIN_S:g} s")
            return False
        self._listen()
        self._arranged(self.slots)
        if self._number == 1:
            self._run(self._watch_connecting(), "connecting")
        return True

    async def _watch_connecting(self) -> None:
        try:
            async with asyncio.timeout(CONNECTED_WITHIN_S):
                await self._up.wait()
        except TimeoutError:
            self._fail(f"not connected {CONNECTED_WITHIN_S:g} s after the answer; {_HINT}")

    def _state_changed(self) -> None:
        if self._closing is not None:
            return
        match self._connection.connectionState:
            case "connected" if not self._up.is_set():
                self._up.set()
                self._connected()
            case "failed":
                self._fail(f"no way was found to the client; {_HINT}" if not self._up.is_set() else "it was lost")
            case "closed":
                self._fail("the client has closed it")

    def _fail(self, because: str) -> None:
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(), name="closing a WebRTC connection")
            self._send({"failed": f"the WebRTC connection has ended: {because}"})
            self._failed(because)

    # --- what comes ------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        for name, track in self.slots.upstream_tracks().items():
            if name not in self._listened and track is not None:
                self._listened.add(name)
                take_in = self._hear if track.kind == "audio" else self._see
                self._run(take_in(name, track), f"{name} of a client")

    async def _hear(self, name: str, track: MediaStreamTrack) -> None:
        resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
        try:
            while True:
                sound = await track.recv()
                if isinstance(sound, AudioFrame) and (hear := self.hear.get(name)) is not None:
                    for frame in resampler.resample(sound):
                        hear(frame.to_ndarray().reshape(-1))
        except MediaStreamError:
            return

    async def _see(self, name: str, track: MediaStreamTrack) -> None:
        try:
            while True:
                picture = await track.recv()
                if isinstance(picture, VideoFrame):
                    self._picture(name, picture)
        except MediaStreamError:
            return

    # --- tasks -----------------------------------------------------------------------------------------------

    def _run(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=f"WebRTC: {name}")
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
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
