"""Sound that arrives over a network, at any moments, made ready for a mixer that takes a frame every 20 ms."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from fake_daily_server.media.legs import SAMPLES, Gaps, LegCounts

if TYPE_CHECKING:
    from fake_daily_server.media.legs import Frame

_CUSHION = 2
"""Frames that must be there before the first is taken."""
_MOST_QUEUED = 10
"""Frames, 200 ms. One more drops the oldest."""
_RESTART = 5
"""Takes in vain after which what comes next is a new beginning."""
_WINDOW = 100
"""Takes during which more than the cushion must have been there all the time before a frame is left out."""


class Playout:
    """`put` samples on one thread, `take` frames on another.

    What comes too late makes the queue longer; what was in reserve for a whole window without being needed is left
    out again.
    """

    def __init__(self, counts: LegCounts) -> None:
        self._counts = counts
        self._gaps = Gaps(counts)
        self._lock = threading.Lock()
        self._rest = np.zeros(0, np.int16)
        self._frames: list[Frame] = []
        self._playing = False
        self._missed = 0
        self._takes = 0
        self._least = _MOST_QUEUED

    def put(self, samples: Frame) -> None:
        """Any number of samples."""
        with self._lock:
            pieces = np.concatenate((self._rest, samples))
            whole = len(pieces) // SAMPLES
            self._frames.extend(pieces[: whole * SAMPLES].reshape(-1, SAMPLES))
            self._rest = pieces[whole * SAMPLES :]
            if (excess := len(self._frames) - _MOST_QUEUED) > 0:
                del self._frames[:excess]
                self._counts.overruns += excess if self._playing else 0

    def take(self) -> Frame | None:
        """The next frame; None when there is none in time."""
        with self._lock:
            if not self._playing and not self._begins():
                self._gaps.missed()
                return None
            if not self._frames:
                self._gaps.missed()
                self._missed += 1
                self._playing = self._missed < _RESTART
                return None
            self._missed = 0
            self._gaps.came()
            frame = self._frames.pop(0)
            self._shorten()
            return frame

    def _begins(self) -> bool:
        if len(self._frames) < _CUSHION:
            return False
        del self._frames[:-_CUSHION]
        self._playing = True
        self._missed = 0
        self._restart_window()
        return True

    def _restart_window(self) -> None:
        self._takes = 0
        self._least = _MOST_QUEUED

    def _shorten(self) -> None:
        self._least = min(self._least, len(self._frames))
        self._takes += 1
        if self._takes < _WINDOW:
            return
        if self._least > _CUSHION:
            self._frames.pop(0)
            self._counts.trimmed += 1
        self._restart_window()
