"""PlaybackClock: computes when the written frames of one source are played. Times are in seconds, monotonic."""

from __future__ import annotations

from dataclasses import dataclass

CONTINUATION_S = 0.06
"""The latest start of a write, after the end of the previous one, that still continues it without a gap.

A program that writes again at each completion is always slightly late. As with the buffer of an audio device, this must
neither leave gaps nor slow playback down.
"""


@dataclass(frozen=True, slots=True)
class Segment:
    """Audio played without a gap from `start` to `end`; `continues` means that it directly follows the previous one."""

    start: float
    end: float
    pcm: bytes
    continues: bool


@dataclass(frozen=True, slots=True)
class WriteResult:
    """The segment of a write, if any, and the time at which the write is complete; None means at once."""

    segment: Segment | None
    complete_at: float | None


class PlaybackClock:
    """Schedules audio in units of 10 ms, as measured on daily-python 0.36.

    A write of whole units is complete when its last unit has been played. A remainder of less than a unit waits for the
    next write. A write is complete at once if it leaves a remainder where there was none, or if it does not fill a
    unit. With `fill_up`, the last unit is padded with silence, so that no remainder is left.
    """

    def __init__(self, rate: int, channels: int) -> None:
        self._rate = rate
        self._frame_bytes = 2 * channels
        self._unit_bytes = max(1, rate // 100) * self._frame_bytes
        self._remainder = b""
        self._began = float("-inf")
        self._played = 0
        """Frames scheduled since `_began`."""

    @property
    def end(self) -> float:
        """The time at which all written audio has been played."""
        return self._began + self._played / self._rate

    def write(self, pcm: bytes, now: float, *, fill_up: bool) -> WriteResult:
        """Schedule whole frames that are written at the time `now`."""
        had_remainder = bool(self._remainder)
        audio = self._remainder + pcm
        if fill_up:
            audio += bytes(-len(audio) % self._unit_bytes)
        whole = len(audio) - len(audio) % self._unit_bytes
        audio, self._remainder = audio[:whole], audio[whole:]
        if not audio:
            return WriteResult(None, None)
        segment = self._schedule(audio, now)
        at_once = bool(self._remainder) and not had_remainder
        return WriteResult(segment, None if at_once else self.end)

    def _schedule(self, audio: bytes, now: float) -> Segment:
        continues = now <= self.end + CONTINUATION_S
        if not continues:
            self._began, self._played = now, 0
        start = self.end
        self._played += len(audio) // self._frame_bytes
        return Segment(start, self.end, audio, continues)
