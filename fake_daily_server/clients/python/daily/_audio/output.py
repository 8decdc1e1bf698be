"""What an audio source or a virtual microphone writes to: it keeps time, and hands the sound to who sends it."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable

from .._threads.job_thread import Worker
from .._threads.user_callbacks import call
from .playback_clock import Segment, Timeline

PACING = "DAILY_SIM_PACING"
"""Environment variable. `real-time`, or not set: a write is complete when its frames have been played. `fast`: at
once, blocking ones too. The room hears the same either way: every frame in order, at the pace of speaking, as long as
the client stays in the call."""

Completion = Callable[[int], object]
Hearer = Callable[[Segment], None]


class Output:
    """Frames at one rate, written from any thread. Time passes for them whether anybody sends them or not.

    Raises OSError for a source that cannot be written to, and RuntimeError for a write while another thread is in a
    blocking one, as daily-python does.
    """

    def __init__(self, rate: int, channels: int, device: str) -> None:
        self.rate = rate
        self.channels = channels
        self._device = device
        self._lock = threading.Lock()
        self._blocked = False
        self._hearers: list[Hearer] = []
        self._coming: deque[Segment] = deque()
        """What is not played yet: for hearers who come in the middle."""
        self._timeline = Timeline(rate, channels)
        self._completions = Worker(f"daily {device}")
        self._given_up = threading.Event()

    @property
    def in_use(self) -> bool:
        """Whether somebody sends it."""
        return bool(self._hearers)

    def frames(self, pcm: bytes) -> int:
        """How many frames these are. Raises ValueError for a part of one."""
        if self.rate == 0 or self.channels == 0:
            raise OSError(f"error writing audio frames to {self._device}")
        if len(pcm) % (2 * self.channels):
            raise ValueError("frames bytestring should contain 16-bit samples")
        return len(pcm) // (2 * self.channels)

    def write(self, pcm: bytes) -> int:
        """Return when the frames have been played: their number."""
        frames = self.frames(pcm)
        if (complete_at := self._take(pcm, blocks=True)) is not None:
            try:
                time.sleep(max(0.0, complete_at - time.monotonic()))
            finally:
                self._blocked = False
        return frames

    def write_soon(self, pcm: bytes, completion: Completion | None) -> int:
        """Return at once; the completion is called with the number of frames when they have been played."""
        frames = self.frames(pcm)
        complete_at = self._take(pcm, blocks=False)
        if completion is None:
            return frames
        if complete_at is None:
            call(completion, frames)
            return frames

        given_up = self._given_up

        def complete() -> None:
            given_up.wait(max(0.0, complete_at - time.monotonic()))
            call(completion, frames)

        self._completions.put(complete)
        return frames

    def complete_writes(self) -> None:
        """Call the completions now that are due later, and return when they have returned."""
        self._given_up.set()
        self._given_up = threading.Event()
        self._completions.wait()

    def attach(self, hearer: Hearer) -> None:
        """Hand on what is to be played from now on; what has been written ahead too."""
        with self._lock:
            self._forget_played(time.monotonic())
            for segment in self._coming:
                hearer(segment)
            self._hearers.append(hearer)

    def detach(self, hearer: Hearer) -> None:
        """Hand nothing on any more."""
        with self._lock:
            self._hearers.remove(hearer)

    def _take(self, pcm: bytes, *, blocks: bool) -> float | None:
        """When the write is complete; None when it already is."""
        with self._lock:
            if self._blocked:
                raise RuntimeError("Already borrowed")
            now = time.monotonic()
            written = self._timeline.write(pcm, now, fill_up=blocks)
            if written.segment is not None:
                self._forget_played(now)
                self._coming.append(written.segment)
                for hearer in self._hearers:
                    hearer(written.segment)
            if written.complete_at is None:
                return None
            self._blocked = blocks
            return now if os.environ.get(PACING) == "fast" else written.complete_at

    def _forget_played(self, now: float) -> None:
        while self._coming and self._coming[0].end <= now:
            self._coming.popleft()
