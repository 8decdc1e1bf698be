"""What an audio line needs to say texts in words, and to find words in what it receives, as a protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from simulator.audio.samples import Pcm, Signal


class Words(Protocol):
    """A voice that says texts, and a function that transcribes."""

    @property
    def transcribes(self) -> bool:
        """Whether there is a function that transcribes."""

    async def say(self, text: str, dbfs: float, rate: int) -> Signal:
        """Return a text as samples at `rate`, with the level `dbfs`."""

    async def transcribe(self, sound: Pcm, rate: int) -> str:
        """Return the words in a sound."""
