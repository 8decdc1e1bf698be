"""A person who talks and listens through a phone's call: a browser's microphone and speaker, in the phone's place."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fake_daily_server.media.audio_frame import FRAME_SAMPLES
from fake_daily_server.media.offered_connection import OfferedConnection
from simulator.audio.audio_line import AudioLine
from simulator.audio.samples import Pcm


class PhoneTalk:
    """One person with one call of a phone. Used on the server's loop.

    The sound goes through the audio line of the phone's call: a call has one PCM channel to its worker, which the line
    already has for the phone's own sounds and expectations. The worker's frames, one every 20 ms, give the pace to both
    directions, so no clock of its own is needed. The microphone is buffered (`PlayoutBuffer`) and added to what the
    phone sends; what the phone hears goes to the browser at once.

    Measured with aiortc as the browser, PCMU, and real-time priority on two busy cores: from the microphone to the ear
    of the other phone 125 to 142 ms (median), of which the packets and their decoding take 41, this buffer 42 to 60,
    and the way between the phones 42. From the mouth of the other phone to a packet at the browser it is 58 ms.
    """

    def __init__(self, on_ended: Callable[[str], None]) -> None:
        self._connection = OfferedConnection(on_ended)
        self._on_ended = on_ended
        self._leg = self._connection.leg
        self._line: AudioLine | None = None

    @property
    def muted(self) -> bool:
        """Whether the microphone is off."""
        return not self._leg.microphone_on

    @muted.setter
    def muted(self, muted: bool) -> None:
        self._leg.microphone_on = not muted

    async def answer(self, sdp: str) -> str:
        """Accept the browser's offer; return the answer. Raises ValueError for SDP that cannot be used."""
        return await self._connection.answer(sdp)

    def attach(self, line: AudioLine) -> None:
        """Begin to talk and to listen through the line of a call."""
        self._line = line
        line.live = self

    async def close(self) -> None:
        """Stop talking and listening, and close the connection."""
        if self._line is not None:
            self._line.live = None
        await self._connection.close()

    # --- for the line ---

    def hear(self, sound: Pcm) -> None:
        """Send what the phone hears to the browser."""
        for begin in range(0, len(sound) - FRAME_SAMPLES + 1, FRAME_SAMPLES):
            self._leg.write(sound[begin : begin + FRAME_SAMPLES])

    def take(self, count: int) -> Pcm:
        """Return the next frame from the microphone; silence while it is off, or if none has come in time."""
        frame = self._leg.read()
        return np.zeros(count, np.int16) if frame is None else frame

    def end(self, reason: str) -> None:
        """The call has ended."""
        self._on_ended(reason)
