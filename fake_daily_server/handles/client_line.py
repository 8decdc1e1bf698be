"""The audio line of a client over its signalling connection. Loaded with numpy when an audio method is first used."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable

import numpy as np

from fake_daily_server.handles.client_audio import ClientAudio
from fake_daily_server.media.audio_message import AudioMessage
from simulator.audio.audio_line import AudioLine
from simulator.audio.samples import Pcm
from simulator.speech.speech import Speech


class ClientLine:
    """The audio line of a client in a room, as `line`. It is closed with the connection.

    The server sends the room's mix every 20 ms, even if nobody speaks; each frame received triggers the sending of one.
    """

    def __init__(
        self,
        audio: ClientAudio,
        name: str,
        send: Callable[[bytes], Awaitable[None]],
        *,
        latest_records: Callable[[], Iterable[str]],
        speech: Speech | None,
    ) -> None:
        self.line = AudioLine(name, self._send_later, latest_records=latest_records, speech=speech)
        self._listening = audio.listen()
        self._audio = audio
        self._send = send
        self._unsent: list[bytes] = []
        self._pump = asyncio.create_task(self._run(), name=f"sound of {name}")
        self.line.start()

    def close(self, reason: str) -> None:
        """Stop receiving and sending."""
        self._audio.forget(self._listening)
        self._pump.cancel()
        self.line.close(reason)

    async def _run(self) -> None:
        while (heard := await self._listening.next(within=float("inf"))) is not None:
            frames = [heard.pcm]
            while (more := await self._listening.next(within=0)) is not None:
                frames.append(more.pcm)
            self.line.receive(np.frombuffer(b"".join(frames), "<i2").astype(np.int16))
            unsent, self._unsent = self._unsent, []
            with contextlib.suppress(ConnectionError):  # listening ends with the connection
                for message in unsent:
                    await self._send(message)
        self.line.close("the client has left the room")

    def _send_later(self, frame: Pcm) -> None:
        self._unsent.append(bytes(AudioMessage(None, frame.astype("<i2").tobytes())))
