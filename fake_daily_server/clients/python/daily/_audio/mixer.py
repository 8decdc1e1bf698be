"""TrackMixer: mixes written audio and splits it into frames for the room. No clock: the time is a parameter.

Positions are in samples at 16 kHz of a monotonic clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from .playback_clock import CONTINUATION_S, Segment
from .resampling import Resampler, to_mono
from .wire import RATE, SAMPLES

if TYPE_CHECKING:
    from .resampling import Samples

_LEAD_FRAMES = 3
"""Silent frames before audio begins: they fill the room's buffer against late frames, at the cost of 60 ms of delay."""
_SEND_AHEAD = RATE * 40 // 1000
"""How early a frame may be sent, in samples: 40 ms, short enough for muting to take effect soon."""
_WAIT = int(RATE * (CONTINUATION_S + 0.02))
"""How long the mix waits for a track, in samples: slightly longer than the latest start of a continuing write."""
_PIECES_PER_S = 10
"""Pieces per second of audio in which a long write is resampled, each only once it is needed."""
_SILENCE = np.zeros(SAMPLES, np.int16)


class TrackBuffer:
    """The audio of one output, by playback time."""

    def __init__(self, rate: int, channels: int) -> None:
        self._channels = channels
        self._piece_bytes = max(1, rate // _PIECES_PER_S) * 2 * channels
        self._segments: deque[Segment] = deque()
        """Segments that are written but not completely resampled yet."""
        self._converted_bytes = 0
        """Bytes of the first segment that are already resampled."""
        self._rate = rate
        self._resampler = Resampler(rate, RATE)
        self._pieces: deque[tuple[int, Samples]] = deque()
        self._converted_end = 0
        self._delay = 0
        """Delay, in samples, of audio that was written after the mix of its time had been sent."""

    def add(self, segment: Segment) -> None:
        """Append audio that the program has written, played at `segment.start`. May be called on any thread."""
        self._segments.append(segment)

    @property
    def begin(self) -> int | None:
        """The position at which the next audio begins; None if there is none."""
        if self._pieces:
            return self._pieces[0][0]
        return int(self._segments[0].start * RATE) if self._segments else None

    @property
    def end(self) -> int:
        """The position at which all written audio has been played."""
        return int(self._segments[-1].end * RATE) + self._delay if self._segments else self._converted_end

    def frame(self, at: int) -> Samples:
        """Return the frame that begins at position `at`, with silence in gaps, and drop older audio."""
        while self._segments and self._converted_end < at + SAMPLES:
            self._convert_piece(at)
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

    def _convert_piece(self, at: int) -> None:
        segment = self._segments[0]
        if self._converted_bytes == 0 and not (segment.continues and self._converted_end):
            self._restart(int(segment.start * RATE), at)
        piece = segment.pcm[self._converted_bytes : self._converted_bytes + self._piece_bytes]
        self._converted_bytes += len(piece)
        if self._converted_bytes == len(segment.pcm):
            self._converted_bytes = 0
            self._segments.popleft()
        samples = self._resampler(to_mono(piece, self._channels))
        self._pieces.append((self._converted_end, samples))
        self._converted_end += len(samples)

    def _restart(self, begin: int, at: int) -> None:
        self._resampler = Resampler(self._rate, RATE)
        self._delay = at - begin if begin < at <= begin + _WAIT else 0
        self._converted_end = begin + self._delay


class TrackMixer:
    """Mixes tracks into one stream; waits briefly for each, because a program that writes in pieces is often late."""

    def __init__(self) -> None:
        self.tracks: list[TrackBuffer] = []
        self._at: int | None = None
        """The position of the next frame; None during a pause."""

    @property
    def active(self) -> bool:
        """Whether audio is being sent, so that `due_frames` must be called again."""
        return self._at is not None

    def due_frames(self, now: float) -> Iterable[bytes]:
        """Yield the frames due at the time `now`, in seconds, as 16-bit samples; an empty frame announces a pause."""
        at_now = int(now * RATE)
        if self._at is None:
            begins = [track.begin for track in self.tracks if track.begin is not None]
            if not begins:
                return
            self._at = max(min(begins), at_now - _WAIT)
            yield from [_SILENCE.tobytes()] * _LEAD_FRAMES
        while self._at <= at_now + _SEND_AHEAD:
            missing = [track.end for track in self.tracks if track.end < self._at + SAMPLES]
            if any(at_now < end + _WAIT for end in missing):
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
