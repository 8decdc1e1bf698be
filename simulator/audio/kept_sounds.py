"""How long the sound of ended calls is kept: for expectations of a test, and not for ever."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.audio.audio_line import AudioLine

MOST_ENDED = 32
"""Number of ended calls whose received sound is kept, about 1 MB each."""


class KeptSounds:
    """The audio lines of the calls that have ended last; the sound of earlier ones is dropped."""

    def __init__(self) -> None:
        self._ended: deque[AudioLine] = deque()

    def ended(self, line: AudioLine) -> None:
        """The call of a line has ended, and the line is closed."""
        self._ended.append(line)
        while len(self._ended) > MOST_ENDED:
            self._ended.popleft().forget(f"its sound was dropped after {MOST_ENDED} more calls had ended")
