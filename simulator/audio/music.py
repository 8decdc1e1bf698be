"""Generates hold music, identical in every run."""

from __future__ import annotations

import numpy as np

from simulator.audio.samples import RATE, Pcm, Signal, as_pcm, faded, joined, mixed, sample_times
from simulator.audio.tones import tone

SCALE = (523.25, 587.33, 659.25, 783.99, 880.0, 1046.5)
"""C5 D5 E5 G5 A5 C6: easy to tell apart, and no two of them form a DTMF digit."""
_MELODY = (0, 2, 3, 4, 3, 2, 1, 3, 0, 3, 4, 5, 4, 3, 2, 1)
_BASS = (261.63, 220.0, 174.61, 196.0)
"""C4 A3 F3 G3; each lasts for four notes of the melody."""
_NOTE_SECONDS = 0.3


def hold_music() -> Pcm:
    """4.8 s of a pentatonic melody over four bass notes at 16 kHz, made to be looped."""
    melody = joined(*(note(SCALE[step], _NOTE_SECONDS, -20) for step in _MELODY))
    bass = joined(*(note(hz, 4 * _NOTE_SECONDS, -26) for hz in _BASS))
    return as_pcm(mixed(melody, bass))


def note(hz: float, seconds: float, dbfs: float) -> Signal:
    """A plucked note: a tone and its octave, fading out."""
    times = sample_times(seconds, RATE)
    sound = tone(hz, seconds, dbfs) + tone(2 * hz, seconds, dbfs - 12)
    return faded(sound * np.exp(-3 * times / max(seconds, 1e-9)), RATE)
