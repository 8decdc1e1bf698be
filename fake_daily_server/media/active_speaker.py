"""Determines the active speaker of a room from the levels of the mixed frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from fake_daily_server.media.audio_frame import Frame

TICKS_PER_CHECK = 5
"""Ticks of 20 ms between two comparisons of levels: 100 ms."""
SPEECH_RMS = 184.0
"""The root mean square below which a frame counts as silence: -45 dBFS."""
TAKEOVER_RATIO = 1.4
"""The ratio of levels at which another speaker is loud enough to replace the active one: 3 dB."""
CHECKS_TO_TAKE_OVER = 3
"""Consecutive checks in which another speaker must be the loudest: 0.3 s, longer than a cough or a DTMF digit."""


class ActiveSpeaker:
    """The active speaker of a room; `on_change` receives the key of each new one. Used on the media clock's thread.

    During silence, the last active speaker stays active.
    """

    def __init__(self, on_change: Callable[[str], object]) -> None:
        self._on_change = on_change
        self._ticks = 0
        self._active: str | None = None
        self._candidate: str | None = None
        self._checks_led = 0
        """Consecutive checks in which the candidate was the loudest."""

    def check_due(self) -> bool:
        """Count one tick; returns whether `check` is to be called in this tick."""
        self._ticks = (self._ticks + 1) % TICKS_PER_CHECK
        return self._ticks == 0

    def check(self, frames: Iterable[tuple[str, Frame]]) -> None:
        """Compare the levels of this tick's frames; each comes with the key of its speaker."""
        levels = {key: float(np.sqrt(np.mean(np.square(frame, dtype=np.float32)))) for key, frame in frames}
        loudest = max(levels, key=levels.__getitem__, default=None)
        if loudest is None or levels[loudest] < SPEECH_RMS or loudest == self._active:
            self._candidate = None
            return
        if self._active is not None and levels[loudest] < TAKEOVER_RATIO * levels.get(self._active, 0.0):
            self._candidate = None
            return
        self._checks_led = self._checks_led + 1 if loudest == self._candidate else 1
        self._candidate = loudest
        if self._checks_led >= CHECKS_TO_TAKE_OVER:
            self._active, self._candidate = loudest, None
            self._on_change(loudest)

    def remove(self, key: str) -> None:
        """Forget a speaker that has left, so that it is reported again if it returns."""
        if key == self._active:
            self._active = None
