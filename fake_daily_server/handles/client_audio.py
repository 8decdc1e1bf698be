"""The audio of a client: passes received frames to listeners, and sends frames in real time."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from fake_daily_server.media.audio_frame import FRAME_BYTES, FRAME_MS
from fake_daily_server.media.audio_message import AudioMessage
from simulator.waiting import Changes

LEAD_S = 0.06
"""How far ahead of real time a client sends audio: enough for a busy machine, and little delay."""
_KEPT = 1000
"""How many frames are kept for a slow listener: 20 s of one voice."""


@dataclass(frozen=True, slots=True)
class Heard:
    """20 ms of received audio: 640 bytes of 16-bit mono PCM at 16 kHz, little-endian.

    `session_id` is the participant whose voice it is, or the id of a custom track; None for the mix of all others.
    """

    session_id: str | None
    pcm: bytes


class Listening:
    """The frames received from now on, for one listener. The oldest are dropped if the listener is too slow."""

    def __init__(self) -> None:
        self._frames: deque[Heard] = deque(maxlen=_KEPT)
        self._changes = Changes()
        self._ended = False

    def hear(self, heard: Heard) -> None:
        """Append a received frame."""
        self._frames.append(heard)
        self._changes.notify()

    def end(self) -> None:
        """Mark the end of the frames, so that waits for another one return."""
        self._ended = True
        self._changes.notify()

    async def next(self, *, within: float) -> Heard | None:
        """Return the next frame; None after `within` seconds without one, or if no more frames will come."""

        def found() -> Heard | bool | None:
            return self._frames.popleft() if self._frames else (self._ended or None)

        result = await self._changes.until(found, within=within)
        return result if isinstance(result, Heard) else None


@dataclass(slots=True)
class _Mouth:
    """The microphone or a custom track: the time of its next frame, and a lock for one sender at a time."""

    due: float = 0.0
    speaking: asyncio.Lock = field(default_factory=asyncio.Lock)


class ClientAudio:
    """The received and the sent audio of one client, on its loop."""

    def __init__(self) -> None:
        self._listening: list[Listening] = []
        self._mouths: defaultdict[str | None, _Mouth] = defaultdict(_Mouth)

    def take(self, data: bytes) -> None:
        """Handle a binary message from the server: one frame of audio."""
        if self._listening:
            message = AudioMessage.parse(data)
            for listening in self._listening:
                listening.hear(Heard(message.source_id, message.pcm))

    def listen(self) -> Listening:
        """Start to keep received frames for a new listener, until `forget` is called with it."""
        listening = Listening()
        self._listening.append(listening)
        return listening

    def forget(self, listening: Listening) -> None:
        """Stop keeping frames for a listener."""
        if listening in self._listening:
            self._listening.remove(listening)

    def end(self) -> None:
        """Mark the end of the frames for all listeners, because the connection is closed."""
        for listening in self._listening:
            listening.end()
        self._listening.clear()

    async def say(self, pcm: bytes, send: Callable[[bytes], Awaitable[None]], track: str | None = None) -> None:
        """Send PCM frame by frame, each when it is due. The last frame is filled up with silence."""
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
