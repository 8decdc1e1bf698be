"""The audio of a phone's call, as frames on a socket to its SIP worker. Loaded when a call's sound is first used."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterable

import numpy as np

from simulator.audio.line import Line
from simulator.audio.samples import Pcm
from simulator.useragent.handle import Call

_LONGEST_DATAGRAM = 8192


class PhoneLine:
    """The `line` of one call. `open` it; `close` it when the call is over."""

    def __init__(self, call: Call, name: str, *, told: Callable[[], Iterable[str]]) -> None:
        self.line = Line(name, self._send, told=told)
        self._call = call
        self._socket: socket.socket | None = None
        self._loop = asyncio.get_running_loop()

    async def open(self) -> None:
        """Begin to hear. CallEnded when the call is over already."""
        self._socket = await self._call.open_pcm(16000)
        self._loop.add_reader(self._socket, self._receive)
        self.line.start()

    def close(self, because: str) -> None:
        """Hear and say no more."""
        self.line.close(because)
        if self._socket is not None:
            self._loop.remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    def _receive(self) -> None:
        """Take in all frames that are there; several when this loop was busy, and one is said for all of them."""
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
            self.line.hear(np.frombuffer(b"".join(frames), np.int16))

    def _send(self, frame: Pcm) -> None:
        """Hand over a frame; one that the worker has no room for is dropped, as is one when it has gone."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.send(frame.tobytes())
