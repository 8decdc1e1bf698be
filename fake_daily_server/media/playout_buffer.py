"""A playout buffer: smooths audio that arrives over a network with jitter, for a mixer that reads every 20 ms."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fake_daily_server.media.audio_frame import FRAME_SAMPLES
from fake_daily_server.media.frame_queue import UnderrunCounter

if TYPE_CHECKING:
    from fake_daily_server.media.audio_frame import Frame
    from fake_daily_server.media.leg import LegCounts

_MISSES_TO_RESTART = 5
"""Consecutive reads without a frame after which the buffer fills up to the reserve again."""


@dataclass(frozen=True, slots=True)
class PlayoutLimits:
    """How much a buffer holds, in frames of 20 ms."""

    reserve: int = 2
    """Frames that must be buffered before the first is read; as many remain after each read, if all come in time."""
    most: int = 10
    """The most frames in the buffer. One more drops the oldest."""
    window: int = 100
    """Length of the observation window in reads. A frame is dropped if the reserve was exceeded at all of them."""


ROOM_LIMITS = PlayoutLimits()
"""The limits of clients in rooms."""


class PlayoutBuffer:
    """Buffers samples that one thread puts, for another thread that takes frames.

    Late audio makes the buffer longer. If the buffer exceeds the reserve during a whole window, one frame is dropped,
    since the excess is only delay.
    """

    def __init__(self, counts: LegCounts, limits: PlayoutLimits = ROOM_LIMITS) -> None:
        self._counts = counts
        self._limits = limits
        self._underruns = UnderrunCounter(counts)
        self._lock = threading.Lock()
        self._partial = np.zeros(0, np.int16)
        """Samples that do not fill a frame yet."""
        self._frames: list[Frame] = []
        self._playing = False
        self._misses = 0
        """Consecutive reads without a frame."""
        self._reads = 0
        """Reads in this window."""
        self._least_buffered = limits.most
        """The smallest number of buffered frames in this window."""

    def put(self, samples: Frame) -> None:
        """Append any number of samples."""
        with self._lock:
            joined = np.concatenate((self._partial, samples))
            whole = len(joined) // FRAME_SAMPLES
            self._frames.extend(joined[: whole * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES))
            self._partial = joined[whole * FRAME_SAMPLES :]
            if (excess := len(self._frames) - self._limits.most) > 0:
                del self._frames[:excess]
                self._counts.overruns += excess if self._playing else 0

    def take(self) -> Frame | None:
        """Remove and return the next frame; None if none has arrived in time."""
        with self._lock:
            if not self._playing and not self._start():
                self._underruns.frame_missing()
                return None
            if not self._frames:
                self._underruns.frame_missing()
                self._misses += 1
                self._playing = self._misses < _MISSES_TO_RESTART
                return None
            self._misses = 0
            self._underruns.frame_read()
            frame = self._frames.pop(0)
            self._shorten()
            return frame

    def _start(self) -> bool:
        """Start playing from the newest frames if the reserve is buffered; returns whether it is."""
        if len(self._frames) < self._limits.reserve:
            return False
        del self._frames[: -self._limits.reserve]
        self._playing = True
        self._misses = 0
        self._restart_window()
        return True

    def _restart_window(self) -> None:
        self._reads = 0
        self._least_buffered = self._limits.most

    def _shorten(self) -> None:
        """At the end of a window, drop one frame if the buffer exceeded the reserve at every read."""
        self._least_buffered = min(self._least_buffered, len(self._frames))
        self._reads += 1
        if self._reads < self._limits.window:
            return
        if self._least_buffered > self._limits.reserve:
            self._frames.pop(0)
            self._counts.trimmed += 1
        self._restart_window()
