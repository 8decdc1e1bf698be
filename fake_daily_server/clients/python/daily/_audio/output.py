"""AudioOutput: the playback time and the senders of an audio source or a virtual microphone."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable

from .._threads.job_thread import JobThread
from .._threads.user_callbacks import call_user_callback
from .playback_clock import PlaybackClock, Segment

PACING = "DAILY_SIM_PACING"
"""Environment variable. `real-time`, or unset: a write completes when its frames have been played. `fast`: a write
completes at once, blocking or not. Either way the room hears every frame, in order and in real time, as long as the
client stays in the call."""

Completion = Callable[[int], object]
SegmentListener = Callable[[Segment], None]


class AudioOutput:
    """Accepts frames from any thread and passes them to listeners. Playback time passes even without a listener.

    Writes raise OSError if rate or channels are 0, and RuntimeError while another thread is in a blocking write, as in
    daily-python.
    """

    def __init__(self, rate: int, channels: int, device: str) -> None:
        self.rate = rate
        self.channels = channels
        self._device = device
        self._lock = threading.Lock()
        self._blocked = False
        self._listeners: list[SegmentListener] = []
        self._unplayed: deque[Segment] = deque()
        """Segments that have not been played yet, for listeners that attach later."""
        self._clock = PlaybackClock(rate, channels)
        self._completions = JobThread(f"daily {device}")
        self._completing_now = threading.Event()

    @property
    def in_use(self) -> bool:
        """Whether a client sends this output."""
        return bool(self._listeners)

    def count_frames(self, pcm: bytes) -> int:
        """Return the number of frames in `pcm`. Raises ValueError if it ends within a frame."""
        if self.rate == 0 or self.channels == 0:
            raise OSError(f"error writing audio frames to {self._device}")
        if len(pcm) % (2 * self.channels):
            raise ValueError("frames bytestring should contain 16-bit samples")
        return len(pcm) // (2 * self.channels)

    def write_blocking(self, pcm: bytes) -> int:
        """Play frames; returns their number once they have been played."""
        frames = self.count_frames(pcm)
        if (complete_at := self._accept(pcm, blocks=True)) is not None:
            try:
                time.sleep(max(0.0, complete_at - time.monotonic()))
            finally:
                self._blocked = False
        return frames

    def write_async(self, pcm: bytes, completion: Completion | None) -> int:
        """Return the number of frames at once; the completion is called with it once they have been played."""
        frames = self.count_frames(pcm)
        complete_at = self._accept(pcm, blocks=False)
        if completion is None:
            return frames
        if complete_at is None:
            call_user_callback(completion, frames)
            return frames

        completing_now = self._completing_now

        def complete() -> None:
            completing_now.wait(max(0.0, complete_at - time.monotonic()))
            call_user_callback(completion, frames)

        self._completions.submit(complete)
        return frames

    def complete_writes(self) -> None:
        """Call all outstanding completions now; returns once they have returned."""
        self._completing_now.set()
        self._completing_now = threading.Event()
        self._completions.wait()

    def attach(self, listener: SegmentListener) -> None:
        """Pass segments to `listener`, beginning with those written but not played yet."""
        with self._lock:
            self._drop_played(time.monotonic())
            for segment in self._unplayed:
                listener(segment)
            self._listeners.append(listener)

    def detach(self, listener: SegmentListener) -> None:
        """Stop passing segments to `listener`."""
        with self._lock:
            self._listeners.remove(listener)

    def _accept(self, pcm: bytes, *, blocks: bool) -> float | None:
        """Accept a write; returns the time at which it is complete, or None if it is complete at once."""
        with self._lock:
            if self._blocked:
                raise RuntimeError("Already borrowed")
            now = time.monotonic()
            written = self._clock.write(pcm, now, fill_up=blocks)
            if written.segment is not None:
                self._drop_played(now)
                self._unplayed.append(written.segment)
                for listener in self._listeners:
                    listener(written.segment)
            if written.complete_at is None:
                return None
            self._blocked = blocks
            return now if os.environ.get(PACING) == "fast" else written.complete_at

    def _drop_played(self, now: float) -> None:
        while self._unplayed and self._unplayed[0].end <= now:
            self._unplayed.popleft()
