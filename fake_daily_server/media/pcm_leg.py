"""Legs of clients that exchange audio in binary messages of their signalling connection."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from fake_daily_server.media.audio_message import MIX_HEADER, speaker_header
from fake_daily_server.media.frame_queue import FrameQueue
from fake_daily_server.media.leg import LegCounts

if TYPE_CHECKING:
    from fake_daily_server.media.audio_frame import Frame

MOST_RECEIVED_AHEAD = 100
"""The most frames that a client may send ahead of the mixer: 2 s."""
MOST_UNSENT = 50
"""The most ticks of audio that wait for a client that does not read: 1 s."""

_cached_header = lru_cache(maxsize=1024)(speaker_header)


class ReceivedAudio(FrameQueue):
    """The frames that a client has sent on one track and the mixer has not read yet: at most 2 s."""

    def __init__(self) -> None:
        self.counts = LegCounts()
        super().__init__(self.counts, limit=MOST_RECEIVED_AHEAD)

    def put_pcm(self, pcm: bytes) -> None:
        """Append the samples of one binary message; empty `pcm` means a pause."""
        if pcm:
            self.put(np.frombuffer(pcm, "<i2"))
        else:
            self.put_pause()


class PcmTrackLeg:
    """The leg of a client's named audio track, which only sends: it is heard and hears nothing."""

    def __init__(self) -> None:
        self.received = ReceivedAudio()
        self.counts = self.received.counts

    def read(self) -> Frame | None:
        """Return the next frame of the track."""
        return self.received.get()

    def write(self, frame: Frame) -> None:
        """Discard the frame."""

    def close(self) -> None:
        """Do nothing: there is nothing to release."""


class PcmLeg:
    """The leg of a client that receives the mix, or nothing if `receives` is False; `received` has the audio it sends.

    Created on the connection's loop, which also calls `take`, and on which `on_message` announces a message to take.
    `read` and `write` are called on the media clock's thread.
    """

    def __init__(
        self, on_message: Callable[[], None], *, receives: bool, received: ReceivedAudio | None = None
    ) -> None:
        """Create the leg. If the client only changes what it hears, `received` is that of its previous leg."""
        self.received = received or ReceivedAudio()
        self.counts = self.received.counts
        self._unsent: deque[bytes] = deque()
        self._receives = receives
        self._on_message = on_message
        self._notified = False
        self._event_loop = asyncio.get_running_loop()

    # --- on the loop -----------------------------------------------------------------------------------------

    def take(self) -> bytes | None:
        """Remove and return the next binary message for the client; None if there is none."""
        self._notified = False
        try:
            return self._unsent.popleft()
        except IndexError:
            return None

    # --- on the clock's thread -------------------------------------------------------------------------------

    def read(self) -> Frame | None:
        """Return the next frame from the client's microphone."""
        return self.received.get()

    def write(self, frame: Frame) -> None:
        """Queue the mix for the client."""
        if self._receives:
            self._queue(MIX_HEADER + frame.tobytes())

    def close(self) -> None:
        """Discard the messages that were not taken."""
        self._unsent.clear()

    def _queue(self, message: bytes) -> None:
        self._unsent.append(message)
        self.counts.written += 1
        if len(self._unsent) > self._most_unsent():
            try:
                self._unsent.popleft()
            except IndexError:
                return
            self.counts.overruns += 1
        if not self._notified:
            self._notified = True
            self._event_loop.call_soon_threadsafe(self._on_message)

    def _most_unsent(self) -> int:
        return MOST_UNSENT


class PcmPerSpeakerLeg(PcmLeg):
    """The leg of a client that receives each speaker separately, and no mix.

    The client receives all participants, or only those in `wanted`. A named track is a speaker of its own: its id.
    """

    def __init__(
        self,
        on_message: Callable[[], None],
        *,
        wanted: frozenset[str] | None = None,
        received: ReceivedAudio | None = None,
    ) -> None:
        super().__init__(on_message, receives=False, received=received)
        self._wanted = wanted
        self._most_speakers = 1

    def write_speakers(self, frames: Mapping[str, Frame]) -> None:
        """Queue one message for each speaker."""
        self._most_speakers = max(self._most_speakers, len(frames))
        for speaker, frame in frames.items():
            if self._wanted is None or speaker in self._wanted:
                self._queue(_cached_header(speaker) + frame.tobytes())

    def _most_unsent(self) -> int:
        return MOST_UNSENT * self._most_speakers
