"""Who talks and listens through an audio line as it happens, such as a person with a microphone and a speaker."""

from __future__ import annotations

from typing import Protocol

from simulator.audio.samples import Pcm


class LiveSound(Protocol):
    """A live source and listener of an `AudioLine`. All methods are called on the line's loop and must not wait."""

    def hear(self, sound: Pcm) -> None:
        """Take samples that the line has just received: one frame of 20 ms, or several."""

    def take(self, count: int) -> Pcm:
        """Return the next `count` samples to send: silence for those that have not come in time."""

    def end(self, reason: str) -> None:
        """The line is closed: nothing more is heard or sent."""
