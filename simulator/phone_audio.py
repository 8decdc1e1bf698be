"""The audio line of a phone's call: frames on a socket to its SIP worker. Imported at the first audio method."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import numpy as np

from simulator.audio.audio_line import AudioLine
from simulator.audio.background import Background, background
from simulator.audio.hold_music import HoldMusic
from simulator.audio.samples import Pcm
from simulator.call_timeline import CallTimeline
from simulator.phone_spec import PhoneSpec
from simulator.speech.speech import Speech
from simulator.useragent.handle import Call

_LONGEST_DATAGRAM = 8192


class PhoneAudio:
    """The audio line of one call. Call `open` before use, and `close` once the call has ended."""

    def __init__(self, call: Call, spec: PhoneSpec, name: str, timeline: CallTimeline, speech: Speech) -> None:
        self.line = AudioLine(name, self._send, latest_records=timeline.latest, played=timeline.played, speech=speech)
        self._noise = spec.noise
        self._call = call
        self._socket: socket.socket | None = None
        self._loop = asyncio.get_running_loop()

    async def open(self) -> None:
        """Start receiving audio, and sending noise if the phone has some. Raises CallEnded if the call has ended."""
        if self._noise is not None:
            self.line.background = Background(await asyncio.to_thread(background, self._noise, self.line.rate))
        self._socket = await self._call.open_pcm(16000)
        self._loop.add_reader(self._socket, self._receive)
        self.line.start()

    def close(self, reason: str) -> None:
        """Stop receiving and sending."""
        self.line.close(reason)
        if self._socket is not None:
            self._loop.remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    def hold(self, held: bool, *, music: bool) -> None:
        """Let sounds wait while the phone holds its peer, and send silence or music."""
        self.line.muted = held
        self.line.hold_music = HoldMusic(self.line.rate) if held and music else None

    def _receive(self) -> None:
        """Receive all frames that have arrived: several if the loop was busy."""
        frames: list[bytes] = []
        assert self._socket is not None  # noqa: S101  # a closed socket has no reader
        try:
            while data := self._socket.recv(_LONGEST_DATAGRAM):
                frames.append(data)
        except BlockingIOError:
            pass
        except OSError:
            data = b""
        if not data:
            self._loop.remove_reader(self._socket)
        if frames:
            self.line.receive(np.frombuffer(b"".join(frames), np.int16))

    def _send(self, frame: Pcm) -> None:
        """Send a frame to the worker, or drop the frame if the socket is full or the worker is gone."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.send(frame.tobytes())
