"""The interface between the mixer and a leg: three protocols, and the counters that every leg keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from fake_daily_server.media.audio_frame import Frame


class LegGone(Exception):
    """The leg can carry no more audio. Raised by `read` and `write`; the conference then removes the leg."""


class Leg(Protocol):
    """The audio of one party of a mix.

    `read` and `write` are called on the media clock's thread, once per tick of 20 ms, and must not block. Both may
    raise LegGone. A frame is valid only until the next tick: copy it to keep it.
    """

    @property
    def counts(self) -> LegCounts:
        """The frame counts of this leg since it was opened."""

    def read(self) -> Frame | None:
        """Return the next frame from the party; None if none has arrived in time."""

    def write(self, frame: Frame) -> None:
        """Send the next frame to the party."""

    def close(self) -> None:
        """Release the leg's resources. Called once, after the leg has left the mix."""


@runtime_checkable
class PerSpeakerLeg(Protocol):
    """A leg that also receives the audio of each speaker separately."""

    def write_speakers(self, frames: Mapping[str, Frame]) -> None:
        """Send this tick's frames of all speakers that the party may hear, by key of the speaker.

        Speakers without a frame in this tick are absent. Called before `write` of the same tick.
        """


@runtime_checkable
class HoldableLeg(Protocol):
    """A leg that can be put on hold."""

    def hold(self, held: bool) -> None:
        """Put the leg on hold or resume it, effective from the next frame."""


@dataclass(slots=True)
class LegCounts:
    """Counts of frames of 20 ms. Only `read` and `written` grow while the machine keeps up with real time."""

    read: int = 0
    """Frames received from the party."""
    written: int = 0
    """Frames sent to the party."""
    underruns: int = 0
    """Frames missing within the party's audio; the others heard 20 ms of silence instead of each."""
    overruns: int = 0
    """Frames dropped because a queue was full, in either direction: the receiver was too slow."""
    trimmed: int = 0
    """Frames dropped on purpose, to shorten a queue that had become too long."""

    @property
    def clean(self) -> bool:
        """Whether no frame was lost in either direction."""
        return not (self.underruns or self.overruns)
