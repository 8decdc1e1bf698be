"""What a client says: the sound of its tracks, mixed and cut into frames for the room. Pure; the time is given.

Times are in samples of 16 kHz, counted on a monotonic clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from .playback_clock import LATE_S, Segment
from .resampling import Resampler, mono
from .wire import RATE, SAMPLES

if TYPE_CHECKING:
    from .resampling import Samples

_LEAD_FRAMES = 3
"""Silence before somebody begins to speak: what the room has in hand when a frame comes late, and a delay of 60 ms."""
_AHEAD = RATE * 40 // 1000
"""How long before its time a frame is sent when it is there: little, so that muting takes effect soon."""
_LATE = int(RATE * (LATE_S + 0.02))
"""How long a track is waited for: a little longer than what is written goes on where the last write ended."""
_PIECES_PER_S = 10
"""A long write is converted in pieces, when they are needed."""
_SILENCE = np.zeros(SAMPLES, np.int16)


class Track:
    """One source's sound, by the time at which it is played."""

    def __init__(self, rate: int, channels: int) -> None:
        self._channels = channels
        self._piece_bytes = max(1, rate // _PIECES_PER_S) * 2 * channels
        self._coming: deque[Segment] = deque()
        self._converted_bytes = 0
        """Of the first segment that comes."""
        self._rate = rate
        self._resampler = Resampler(rate, RATE)
        self._pieces: deque[tuple[int, Samples]] = deque()
        self._converted_end = 0
        self._delay = 0
        """Of a sound that began when what others say at that time was sent already."""

    def hear(self, segment: Segment) -> None:
        """Sound was written. May be called on any thread."""
        self._coming.append(segment)

    @property
    def begin(self) -> int | None:
        """When the next sound begins; None when there is none."""
        if self._pieces:
            return self._pieces[0][0]
        return int(self._coming[0].start * RATE) if self._coming else None

    @property
    def end(self) -> int:
        """When everything that was written has been played."""
        return int(self._coming[-1].end * RATE) + self._delay if self._coming else self._converted_end

    def frame(self, at: int) -> Samples:
        """The 20 ms from then on, silent where there is nothing. What is older is left out."""
        while self._coming and self._converted_end < at + SAMPLES:
            self._convert(at)
        frame = np.zeros(SAMPLES, np.int16)
        while self._pieces and self._pieces[0][0] < at + SAMPLES:
            start, samples = self._pieces.popleft()
            samples = samples[max(0, at - start) :]
            start = max(start, at)
            used = samples[: at + SAMPLES - start]
            frame[start - at : start - at + len(used)] = used
            if len(used) < len(samples):
                self._pieces.appendleft((start + len(used), samples[len(used) :]))
        return frame

    def _convert(self, at: int) -> None:
        segment = self._coming[0]
        if self._converted_bytes == 0 and not (segment.continues and self._converted_end):
            self._begin(int(segment.start * RATE), at)
        piece = segment.pcm[self._converted_bytes : self._converted_bytes + self._piece_bytes]
        self._converted_bytes += len(piece)
        if self._converted_bytes == len(segment.pcm):
            self._converted_bytes = 0
            self._coming.popleft()
        samples = self._resampler(mono(piece, self._channels))
        self._pieces.append((self._converted_end, samples))
        self._converted_end += len(samples)

    def _begin(self, begin: int, at: int) -> None:
        self._resampler = Resampler(self._rate, RATE)
        self._delay = at - begin if begin < at <= begin + _LATE else 0
        self._converted_end = begin + self._delay


class Voice:
    """Tracks together. Each is waited for a moment, since who writes piece by piece is often late."""

    def __init__(self) -> None:
        self.tracks: list[Track] = []
        self._at: int | None = None

    @property
    def speaking(self) -> bool:
        """Whether there is more to send, now or in a moment."""
        return self._at is not None

    def frames(self, now: float) -> Iterable[bytes]:
        """The frames that are due at this time (in seconds), as 16-bit samples; none of them for a pause."""
        at_now = int(now * RATE)
        if self._at is None:
            begins = [track.begin for track in self.tracks if track.begin is not None]
            if not begins:
                return
            self._at = max(min(begins), at_now - _LATE)
            yield from [_SILENCE.tobytes()] * _LEAD_FRAMES
        while self._at <= at_now + _AHEAD:
            missing = [track.end for track in self.tracks if track.end < self._at + SAMPLES]
            if any(at_now < end + _LATE for end in missing):
                return
            if len(missing) == len(self.tracks) and all(end <= self._at for end in missing):
                self._at = None
                yield b""
                return
            yield self._mixed(self._at)
            self._at += SAMPLES

    def _mixed(self, at: int) -> bytes:
        frames = [track.frame(at) for track in self.tracks]
        if len(frames) == 1:
            return frames[0].astype("<i2", copy=False).tobytes()
        return np.clip(np.sum(frames, axis=0, dtype=np.int32), -32768, 32767).astype("<i2").tobytes()
