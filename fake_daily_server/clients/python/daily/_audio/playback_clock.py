"""When written sound is played: the clock of one source. Pure; the time is given, in seconds of a monotonic clock."""

from __future__ import annotations

from dataclasses import dataclass

LATE_S = 0.06
"""A write that comes this late after the end of the one before goes on where that ended.

Whoever writes again as soon as a completion comes is always a little late; as in a device with a buffer, that is no gap
in the sound and does not make it slower.
"""


@dataclass(frozen=True, slots=True)
class Segment:
    """Sound without a gap: it is played from `start` to `end`, and `continues` the segment before it."""

    start: float
    end: float
    pcm: bytes
    continues: bool


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a write: the segment that it made, if any, and when it is complete; None is at once."""

    segment: Segment | None
    complete_at: float | None


class Timeline:
    """Sound is played in units of 10 ms, as measured on daily-python 0.36.

    A whole number of units is complete when its last one has been played. Of other lengths, what is left over waits
    for the next write; a write that leaves something over, and found nothing left over, is complete at once, as is one
    that does not fill a unit. A write that may not leave anything over is filled up with silence.
    """

    def __init__(self, rate: int, channels: int) -> None:
        self._rate = rate
        self._frame_bytes = 2 * channels
        self._unit_bytes = max(1, rate // 100) * self._frame_bytes
        self._left_over = b""
        self._began = float("-inf")
        self._played = 0
        """Frames since `_began`."""

    @property
    def end(self) -> float:
        """When all that was written has been played."""
        return self._began + self._played / self._rate

    def write(self, pcm: bytes, now: float, *, fill_up: bool) -> Written:
        """Take whole frames, and say when they are played."""
        had_left_over = bool(self._left_over)
        sound = self._left_over + pcm
        if fill_up:
            sound += bytes(-len(sound) % self._unit_bytes)
        whole = len(sound) - len(sound) % self._unit_bytes
        sound, self._left_over = sound[:whole], sound[whole:]
        if not sound:
            return Written(None, None)
        segment = self._place(sound, now)
        at_once = bool(self._left_over) and not had_left_over
        return Written(segment, None if at_once else self.end)

    def _place(self, sound: bytes, now: float) -> Segment:
        continues = now <= self.end + LATE_S
        if not continues:
            self._began, self._played = now, 0
        start = self.end
        self._played += len(sound) // self._frame_bytes
        return Segment(start, self.end, sound, continues)
