"""Who is talking in a room, by the frames that are mixed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from fake_daily_server.media.legs import Frame

EVERY_TICKS = 5
"""One frame in 100 ms is looked at."""
QUIET = 184.0
"""Root mean square of a frame below which nobody talks: -45 dBFS."""
LOUDER = 1.4
"""How much louder than the active speaker somebody must be to take its place: 3 dB."""
LOOKS = 3
"""How many times in a row: 0.3 s, so that a cough or a key press changes nothing."""


class ActiveSpeaker:
    """Used on the clock's thread. Silence changes nothing: whoever talked last stays the active speaker."""

    def __init__(self, changed: Callable[[str], object]) -> None:
        self._changed = changed
        self._ticks = 0
        self._active: str | None = None
        self._candidate: str | None = None
        self._looks = 0

    def due(self) -> bool:
        """Whether the frames of this tick are to be looked at."""
        self._ticks = (self._ticks + 1) % EVERY_TICKS
        return self._ticks == 0

    def look(self, frames: Iterable[tuple[str, Frame]]) -> None:
        """What everybody says in this tick who says something and can be heard."""
        levels = {key: float(np.sqrt(np.mean(np.square(frame, dtype=np.float32)))) for key, frame in frames}
        loudest = max(levels, key=levels.__getitem__, default=None)
        if loudest is None or levels[loudest] < QUIET or loudest == self._active:
            self._candidate = None
            return
        if self._active is not None and levels[loudest] < LOUDER * levels.get(self._active, 0.0):
            self._candidate = None
            return
        self._looks = self._looks + 1 if loudest == self._candidate else 1
        self._candidate = loudest
        if self._looks >= LOOKS:
            self._active, self._candidate = loudest, None
            self._changed(loudest)

    def gone(self, key: str) -> None:
        """Somebody takes no part any more."""
        if key == self._active:
            self._active = None
