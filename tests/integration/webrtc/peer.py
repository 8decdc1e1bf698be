"""A WebRTC client of the signalling that uses only websockets and aiortc, and no code of this project."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import time
from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Self

import aioice.ice
import numpy as np
import numpy.typing as npt
from aiortc import MediaStreamTrack, RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, AudioResampler, VideoFrame
from websockets.asyncio.client import ClientConnection, connect

RATE = 16000
FRAME = RATE // 50

Pcm = npt.NDArray[np.int16]


class Tone(MediaStreamTrack):
    """A microphone that picks up a tone; with 0 Hz silence."""

    kind = "audio"

    def __init__(self, hz: float) -> None:
        super().__init__()
        self.hz = hz
        self._sent = 0
        self._began = 0.0

    async def recv(self) -> AudioFrame:
        if self.readyState != "live":
            raise MediaStreamError
        self._began = self._began or time.monotonic()
        await asyncio.sleep(max(0, self._began + self._sent / RATE - time.monotonic()))
        times = np.arange(self._sent, self._sent + FRAME) / RATE
        samples = (3000 * np.sin(2 * np.pi * self.hz * times)).astype(np.int16)
        frame = AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), self._sent
        self._sent += FRAME
        return frame


class Heard:
    """All that was received in one media section: audio as 16 kHz mono samples, or video frames."""

    def __init__(self) -> None:
        self.pieces: list[Pcm] = []
        self.pictures: list[VideoFrame] = []
        self.first_at: float | None = None

    @property
    def seconds(self) -> float:
        return sum(map(len, self.pieces)) / RATE


class WebRtcPeer:
    """`async with WebRtcPeer(url, token, hz=…) as peer:` joins, answers every offer, and keeps what it receives."""

    def __init__(
        self,
        room_url: str,
        token: str,
        *,
        hz: float | None = None,
        receive: str = "participants",
        camera: MediaStreamTrack | None = None,
        screen: MediaStreamTrack | None = None,
        tracks: Mapping[str, MediaStreamTrack] = MappingProxyType({}),
        receive_video: bool = False,
        trickle: bool = False,
        answers: bool = True,
    ) -> None:
        self.session_id = ""
        self.events: list[dict[str, Any]] = []
        self.tracks: dict[str, dict[str, Any]] = {}
        """What each section (mid) carries, by the last offer."""
        self.offers: list[dict[str, Any]] = []
        self.failed: str | None = None
        self.heard: dict[str, Heard] = {}
        """What was received, by section."""
        self.refused: list[dict[str, Any]] = []
        self._url = room_url.replace("http", "ws", 1)
        self._token = token
        self._wishes = {"receive": receive, "receiveVideo": receive_video, "audio": hz is not None}
        self._wishes |= {"video": camera is not None, "screenVideo": screen is not None, "tracks": [*tracks]}
        self.microphone = Tone(hz) if hz is not None else None
        own = {"audio": self.microphone, "video": camera, "screenVideo": screen, **tracks}
        self._own = {name: track for name, track in own.items() if track is not None}
        self._trickle = trickle
        self._answers_offers = answers
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._news = asyncio.Event()
        configuration = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        self.connection = RTCPeerConnection(configuration)
        self.connection.on("track", self._listen)
        self._socket: ClientConnection

    async def __aenter__(self) -> Self:
        await self.join()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.leave()

    async def join(self) -> None:
        self._socket = await connect(self._url)
        self._tasks.append(asyncio.create_task(self._read()))
        joined = await self.ask("join", token=self._token)
        self.session_id = joined["participants"]["local"]["session_id"]
        if any(self._wishes.values()):
            await self.ask("setMedia", **self._wishes)

    async def leave(self) -> None:
        await self.connection.close()
        await self._socket.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._ids)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        result: dict[str, Any] = await asyncio.wait_for(answer, 5)
        return result

    async def until(self, condition: Any, within: float = 5) -> None:
        async with asyncio.timeout(within):
            while not condition():
                self._news.clear()
                await self._news.wait()

    # --- what it receives ---

    def section_of(self, session_id: str | None, kind: str = "audio", name: str | None = None) -> str | None:
        """The section that carries a participant, or its named track, or with None the mix."""
        carried = {"sessionId": session_id, "kind": kind, **({} if name is None else {"name": name})}
        return next((mid for mid, source in self.tracks.items() if source == carried), None)

    async def next_second(self, session_id: str | None, name: str | None = None) -> Pcm:
        """The next second of audio of a participant, or of its named track, or of the mix."""
        await self.until(lambda: self.section_of(session_id, "audio", name) is not None)
        heard = self.heard.setdefault(str(self.section_of(session_id, "audio", name)), Heard())
        begin = len(heard.pieces)
        # The first 0.2 s may still be older audio.
        await self.until(lambda: sum(map(len, heard.pieces[begin:])) >= 1.2 * RATE)
        return np.concatenate(heard.pieces[begin:])[-RATE:]

    async def pictures_of(self, session_id: str, count: int, name: str | None = None) -> list[VideoFrame]:
        await self.until(lambda: self.section_of(session_id, "video", name) is not None)
        heard = self.heard.setdefault(str(self.section_of(session_id, "video", name)), Heard())
        await self.until(lambda: len(heard.pictures) >= count, within=10)
        return heard.pictures[-count:]

    # --- inside ---

    async def _read(self) -> None:
        async for text in self._socket:
            frame = json.loads(text)
            if "event" in frame:
                self.events.append(frame["event"])
            elif "media" in frame:
                news = frame["media"]
                if "failed" in news:
                    self.failed = news["failed"]
                else:
                    self._tasks.append(asyncio.create_task(self._answer(news)))
            elif "error" in frame:
                self.refused.append(frame["error"])
                if frame["id"] in self._answers:
                    self._answers.pop(frame["id"]).set_exception(RuntimeError(str(frame["error"])))
            else:
                self._answers.pop(frame["id"]).set_result(frame["result"])
            self._news.set()

    async def _answer(self, news: dict[str, Any]) -> None:
        self.offers.append(news)
        if not self._answers_offers:
            return
        connection = self.connection
        await connection.setRemoteDescription(RTCSessionDescription(news["offer"]["sdp"], "offer"))
        own = {news["upstream"].get(name): track for name, track in self._own.items()}
        for transceiver in connection.getTransceivers():
            if (track := own.get(transceiver.mid)) is not None:
                transceiver.direction = "sendonly"
                if transceiver.sender.track is not track:
                    transceiver.sender.replaceTrack(track)
        await connection.setLocalDescription(await connection.createAnswer())
        sdp = connection.localDescription.sdp
        candidates = [line for line in sdp.splitlines() if line.startswith("a=candidate:")]
        if self._trickle:
            sdp = "".join(f"{line}\r\n" for line in sdp.splitlines() if line not in candidates)
        await self.ask("answerMedia", number=news["offer"]["number"], sdp=sdp)
        if self._trickle:
            await self.ask("addMediaCandidate", candidate="candidate:1 1 udp 1 7f1a.local 40000 typ host", sdpMid="0")
            for line in candidates:
                await self.ask("addMediaCandidate", candidate=line.removeprefix("a="), sdpMid="0", sdpMLineIndex=0)
        self.tracks = news["tracks"]
        self._news.set()

    def _listen(self, track: MediaStreamTrack) -> None:
        mid = next(t.mid for t in self.connection.getTransceivers() if t.receiver.track is track)
        self._tasks.append(asyncio.create_task(self._hear(track, self.heard.setdefault(str(mid), Heard()))))

    async def _hear(self, track: MediaStreamTrack, heard: Heard) -> None:
        resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                heard.first_at = heard.first_at or time.monotonic()
                if isinstance(frame, VideoFrame):
                    heard.pictures.append(frame)
                else:
                    assert isinstance(frame, AudioFrame)
                    for piece in resampler.resample(frame):
                        heard.pieces.append(piece.to_ndarray().reshape(-1).astype(np.int16))
                self._news.set()


@contextlib.contextmanager
def on_loopback() -> Any:
    """Let aioice use 127.0.0.1, which it leaves out: a machine without a network has no other address."""
    before = aioice.ice.get_host_addresses
    aioice.ice.get_host_addresses = lambda *args, **kwargs: ["127.0.0.1"]
    try:
        yield
    finally:
        aioice.ice.get_host_addresses = before
