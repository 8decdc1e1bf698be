"""A bounded queue of audio frames, and a counter of missing frames."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fake_daily_server.media.audio_frame import Frame
    from fake_daily_server.media.leg import LegCounts

_LONGEST_GAP = 50
"""The longest gap, in frames (1 s), that counts as lost audio; after a longer one the party had stopped speaking."""


class UnderrunCounter:
    """Counts missing frames as underruns, unless the party has stopped speaking.

    Whether a gap was an underrun is only known once audio continues, so its frames are counted then.
    """

    def __init__(self, counts: LegCounts) -> None:
        self._counts = counts
        self._missing = 0
        self._speaking = False

    def frame_read(self) -> None:
        """Count a frame that was read, and the missing frames before it."""
        if self._missing:
            self._counts.underruns += self._missing
            self._missing = 0
        self._speaking = True
        self._counts.read += 1

    def frame_missing(self) -> None:
        """Record that a tick had no frame."""
        if self._speaking:
            self._missing += 1
            if self._missing > _LONGEST_GAP:
                self.stopped()

    def stopped(self) -> None:
        """Record that the party is silent on purpose: the call is on hold, or the client has sent a pause."""
        self._speaking = False
        self._missing = 0


class FrameQueue:
    """A queue of frames from another thread to the media clock's thread.

    Holds at most `limit` frames; one more drops the oldest and counts it as an overrun.
    """

    def __init__(self, counts: LegCounts, *, limit: int) -> None:
        self.limit = limit
        self._counts = counts
        self._underruns = UnderrunCounter(counts)
        self._frames: deque[Frame | None] = deque()
        """The queued frames; None marks a pause."""

    def __len__(self) -> int:
        return len(self._frames)

    def put(self, frame: Frame) -> None:
        """Append a frame. The queue does not copy the array, so the caller must not change it afterwards."""
        self._append(frame)

    def put_pause(self) -> None:
        """Append a pause: frames that are missing before the next frame do not count as underruns."""
        self._append(None)

    def get(self) -> Frame | None:
        """Remove and return the oldest frame; None if the queue is empty or a pause begins."""
        try:
            frame = self._frames.popleft()
        except IndexError:
            self._underruns.frame_missing()
            return None
        if frame is None:
            self._underruns.stopped()
        else:
            self._underruns.frame_read()
        return frame

    def _append(self, frame: Frame | None) -> None:
        self._frames.append(frame)
        if len(self._frames) > self.limit and self._drop_oldest() is not None:
            self._counts.overruns += 1

    def _drop_oldest(self) -> Frame | None:
        try:
            return self._frames.popleft()
        except IndexError:
            return None
