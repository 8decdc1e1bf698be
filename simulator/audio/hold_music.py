"""The music that a phone plays to the peer that it holds: two notes in turn, unlike those of Daily's hold music."""

from __future__ import annotations

import numpy as np

from simulator.audio.samples import RATE, Pcm, as_pcm, faded, joined
from simulator.audio.tones import tone

HOLD_MUSIC_HZ = (390.0, 490.0)
"""The notes; each lasts for a second, without end."""


class HoldMusic:
    """A source of the music, from its first note on."""

    def __init__(self, rate: int = RATE) -> None:
        self._sound = as_pcm(joined(*(faded(tone(hz, 1, rate=rate), rate) for hz in HOLD_MUSIC_HZ)))
        self._at = 0

    def take(self, count: int) -> Pcm:
        """Take the next `count` samples."""
        positions = np.arange(self._at, self._at + count)
        self._at = (self._at + count) % len(self._sound)
        return self._sound.take(positions, mode="wrap")
