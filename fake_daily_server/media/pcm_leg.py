"""A client in the mixer: its sound comes and goes as binary messages of its signalling connection."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from fake_daily_server.media.legs import FrameQueue, LegCounts
from fake_daily_server.media.wire import MIX_HEADER, voice_header

if TYPE_CHECKING:
    from fake_daily_server.media.legs import Frame

MOST_SAID = 100
"""Frames that a client may be ahead of the mixer: 2 s."""
MOST_UNSENT = 50
"""Frames, or ticks of them, that may wait for a client which does not read: 1 s."""

_header_of = lru_cache(maxsize=1024)(voice_header)


class Said(FrameQueue):
    """What a client says on one track: at most 2 s that wait for the mixer."""

    def __init__(self) -> None:
        self.counts = LegCounts()
        super().__init__(self.counts, limit=MOST_SAID)

    def take_in(self, pcm: bytes) -> None:
        """The samples of one binary message; none of them mean a pause."""
        if pcm:
            self.put(np.frombuffer(pcm, "<i2"))
        else:
            self.pause()


class TrackLeg:
    """A named track of a client: it is heard and hears nothing."""

    def __init__(self) -> None:
        self.said = Said()
        self.counts = self.said.counts

    def read(self) -> Frame | None:
        """What the track carries."""
        return self.said.get()

    def write(self, frame: Frame) -> None:
        """Nothing is heard by a track."""

    def close(self) -> None:
        """There is nothing to free."""


class PcmLeg:
    """The mix goes to the client when it `receives`; what it says waits in `said`.

    Made on the connection's loop, where `take` belongs; `ready` is called there when there is something to take.
    `read` and `write` belong to the clock's thread.
    """

    def __init__(self, ready: Callable[[], None], *, receives: bool, said: Said | None = None) -> None:
        self.said = said or Said()
        """Goes on in the next leg when the client only changes what it hears."""
        self.counts = self.said.counts
        self._unsent: deque[bytes] = deque()
        self._receives = receives
        self._ready = ready
        self._told = False
        self._home = asyncio.get_running_loop()

    # --- on the loop -----------------------------------------------------------------------------------------

    def take(self) -> bytes | None:
        """The next binary message for the client; None when it has all."""
        self._told = False
        try:
            return self._unsent.popleft()
        except IndexError:
            return None

    # --- on the clock's thread -------------------------------------------------------------------------------

    def read(self) -> Frame | None:
        """What the client says."""
        return self.said.get()

    def write(self, frame: Frame) -> None:
        """What it hears."""
        if self._receives:
            self._send(MIX_HEADER + frame.tobytes())

    def close(self) -> None:
        """Nothing waits any more."""
        self._unsent.clear()

    def _send(self, message: bytes) -> None:
        self._unsent.append(message)
        self.counts.written += 1
        if len(self._unsent) > self._limit():
            try:
                self._unsent.popleft()
            except IndexError:
                return
            self.counts.overruns += 1
        if not self._told:
            self._told = True
            self._home.call_soon_threadsafe(self._ready)

    def _limit(self) -> int:
        return MOST_UNSENT


class PcmVoicesLeg(PcmLeg):
    """The client gets every speaker's voice by itself and no mix; of all participants, or only of those `wanted`.

    A named track counts as a speaker of its own, by its id.
    """

    def __init__(
        self, ready: Callable[[], None], *, wanted: frozenset[str] | None = None, said: Said | None = None
    ) -> None:
        super().__init__(ready, receives=False, said=said)
        self._wanted = wanted
        self._speakers = 1

    def write_voices(self, voices: Mapping[str, Frame]) -> None:
        """One message for each who speaks."""
        self._speakers = max(self._speakers, len(voices))
        for speaker, frame in voices.items():
            if self._wanted is None or speaker in self._wanted:
                self._send(_header_of(speaker) + frame.tobytes())

    def _limit(self) -> int:
        return MOST_UNSENT * self._speakers
