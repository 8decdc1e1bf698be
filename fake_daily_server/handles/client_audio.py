"""A client's sound: what it hears, handed to whoever listens, and what it says, at the pace of speaking."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from fake_daily_server.media.audio_frame import FRAME_BYTES, FRAME_MS
from fake_daily_server.media.audio_message import AudioMessage
from simulator.waiting import Changes

LEAD_S = 0.06
"""How far a client speaks ahead of time: enough for a busy machine, and little delay."""
_KEPT = 1000
"""Frames that a slow listener may be behind: 20 s of one voice."""


@dataclass(frozen=True, slots=True)
class Heard:
    """20 ms that a client heard: 640 bytes of 16-bit mono at 16 kHz, little-endian.

    `session_id` says whose voice it is, or is the id of a named track; None is the mix of everybody.
    """

    session_id: str | None
    pcm: bytes


class Listening:
    """What comes from now on, frame by frame, for one listener. What it does not take for too long is forgotten."""

    def __init__(self) -> None:
        self._frames: deque[Heard] = deque(maxlen=_KEPT)
        self._changes = Changes()
        self._ended = False

    def hear(self, heard: Heard) -> None:
        """Another frame."""
        self._frames.append(heard)
        self._changes.notify()

    def end(self) -> None:
        """No more will come."""
        self._ended = True
        self._changes.notify()

    async def next(self, *, within: float) -> Heard | None:
        """The next frame; None when no more will come, or none came in so many seconds."""

        def found() -> Heard | bool | None:
            return self._frames.popleft() if self._frames else (self._ended or None)

        result = await self._changes.until(found, within=within)
        return result if isinstance(result, Heard) else None


@dataclass(slots=True)
class _Mouth:
    """The voice, or a named track: when its next frame is due, one speaker at a time."""

    due: float = 0.0
    speaking: asyncio.Lock = field(default_factory=asyncio.Lock)


class ClientAudio:
    """Both directions of one client, on its loop."""

    def __init__(self) -> None:
        self._listening: list[Listening] = []
        self._mouths: defaultdict[str | None, _Mouth] = defaultdict(_Mouth)

    def take(self, data: bytes) -> None:
        """A binary message came from the server."""
        if self._listening:
            message = AudioMessage.parse(data)
            for listening in self._listening:
                listening.hear(Heard(message.source_id, message.pcm))

    def listen(self) -> Listening:
        """Begin to listen; `forget` ends it."""
        listening = Listening()
        self._listening.append(listening)
        return listening

    def forget(self, listening: Listening) -> None:
        """Listen no more."""
        if listening in self._listening:
            self._listening.remove(listening)

    def end(self) -> None:
        """The connection is gone."""
        for listening in self._listening:
            listening.end()
        self._listening.clear()

    async def say(self, pcm: bytes, send: Callable[[bytes], Awaitable[None]], track: str | None = None) -> None:
        """Send frame after frame, each when it is due; what is missing of the last one is silence."""
        loop, mouth = asyncio.get_running_loop(), self._mouths[track]
        async with mouth.speaking:
            for at in range(0, len(pcm), FRAME_BYTES):
                now = loop.time()
                mouth.due = max(mouth.due, now)
                if (wait := mouth.due - LEAD_S - now) > 0:
                    await asyncio.sleep(wait)
                frame = pcm[at : at + FRAME_BYTES]
                await send(bytes(AudioMessage(track, frame.ljust(FRAME_BYTES, b"\0"))))
                mouth.due += FRAME_MS / 1000
