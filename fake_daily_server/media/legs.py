"""What the mixer needs of a leg, the unit of sound that all legs share, and what is counted about each.

Sound is 16-bit mono at 16 kHz in frames of 20 ms: numpy arrays of 320 int16.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Frame: TypeAlias = npt.NDArray[np.int16]
    """320 samples, one after the other in memory."""

RATE = 16_000
"""Samples a second."""
FRAME_MS = 20
SAMPLES = RATE * FRAME_MS // 1000
"""Of one frame."""
FRAME_BYTES = 2 * SAMPLES

_A_PAUSE = 50
"""Frames. A speaker from whom nothing comes for longer than 1 s has stopped; a shorter gap was too little sound."""


class LegGone(Exception):
    """Raised by `read` or `write` of a leg that can carry no more sound; the mixer lets go of it."""


class Leg(Protocol):
    """One party's sound. All of it is called on the clock's thread and must not wait.

    `read` gives the next 20 ms that the party says, or None when nothing is there in time; `write` takes the next
    20 ms that the party hears. Frames that are handed over are only valid during the call: keep a copy, not the
    array. Either may raise LegGone.
    """

    @property
    def counts(self) -> LegCounts:
        """What has happened to it so far."""

    def read(self) -> Frame | None:
        """The next frame of what the party says."""

    def write(self, frame: Frame) -> None:
        """The next frame of what the party hears."""

    def close(self) -> None:
        """The leg is used no more; free what it holds. Called once."""


@runtime_checkable
class VoicesLeg(Protocol):
    """A leg that also wants each speaker's voice by itself, before the mix of it is written."""

    def write_voices(self, voices: Mapping[str, Frame]) -> None:
        """The next frame of everybody who says something and whom this party may hear, by session id."""


@runtime_checkable
class HoldableLeg(Protocol):
    """A leg that can be put on hold."""

    def hold(self, held: bool) -> None:
        """From now on."""


@dataclass(slots=True)
class LegCounts:
    """Frames of 20 ms. All zero but the first two when all is well."""

    read: int = 0
    """Came from the party."""
    written: int = 0
    """Went to the party."""
    underruns: int = 0
    """Were missing in the middle of what the party says: the others heard 20 ms of silence."""
    overruns: int = 0
    """Were dropped because a queue was full: in either direction the receiver was too slow."""
    trimmed: int = 0
    """Were left out to bring back a delay that had grown."""

    @property
    def clean(self) -> bool:
        """Whether all that was said was heard, in time."""
        return not (self.underruns or self.overruns)


class Gaps:
    """Tells frames that are missing in the middle of sound from the silence of somebody who has stopped."""

    def __init__(self, counts: LegCounts) -> None:
        self._counts = counts
        self._missing = 0
        self._speaking = False

    def came(self) -> None:
        """A frame was there."""
        if self._missing:
            self._counts.underruns += self._missing
            self._missing = 0
        self._speaking = True
        self._counts.read += 1

    def missed(self) -> None:
        """None was."""
        if self._speaking:
            self._missing += 1
            if self._missing > _A_PAUSE:
                self.stopped()

    def stopped(self) -> None:
        """What was missing was silence on purpose: a held call, a client that has said what it had to say."""
        self._speaking = False
        self._missing = 0


class FrameQueue:
    """Frames from another thread to the mixer, as bytes or arrays: put there, taken on the clock's thread.

    Holds at most `limit` frames; one more drops the oldest, which is counted as an overrun.
    """

    def __init__(self, counts: LegCounts, *, limit: int) -> None:
        self.limit = limit
        self._counts = counts
        self._gaps = Gaps(counts)
        self._frames: deque[Frame | None] = deque()
        """None is a pause."""

    def __len__(self) -> int:
        return len(self._frames)

    def put(self, frame: Frame) -> None:
        """Add a frame; the queue keeps it, so it must not change any more."""
        self._add(frame)

    def pause(self) -> None:
        """After the frames that are queued comes silence on purpose; until the next frame nothing is missing."""
        self._add(None)

    def get(self) -> Frame | None:
        """The oldest frame, or None."""
        try:
            frame = self._frames.popleft()
        except IndexError:
            self._gaps.missed()
            return None
        if frame is None:
            self._gaps.stopped()
        else:
            self._gaps.came()
        return frame

    def clear(self) -> None:
        """Forget what is queued; nothing of it counts as missing."""
        self._frames.clear()
        self._gaps.stopped()

    def _add(self, frame: Frame | None) -> None:
        self._frames.append(frame)
        if len(self._frames) > self.limit and self._drop() is not None:
            self._counts.overruns += 1

    def _drop(self) -> Frame | None:
        try:
            return self._frames.popleft()
        except IndexError:
            return None
