"""Generates tones, chords, call progress tones and chirps."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from simulator.audio.samples import RATE, Signal, amplitude, faded, joined, sample_times
from simulator.errors import ConfigurationError

CHIRP_SECONDS = 0.25
CHIRP_FROM_HZ = 400.0
CHIRP_TO_HZ = 3200.0
"""Chirps are within the telephone band, so that every codec transmits them."""


def check_hz(hz: float, rate: int = RATE, *, field: str = "hz") -> float:
    """Return `hz`. Raises ConfigurationError unless it is from 20 to half the sampling rate."""
    if not 20 <= hz < rate / 2:
        raise ConfigurationError(field, hz, f"20 to less than {rate // 2} Hz, half of the sampling rate")
    return hz


def tone(hz: float, seconds: float, dbfs: float = -20, *, rate: int = RATE, phase: float = 0) -> Signal:
    """A sine wave with hard edges; `phase` is in radians. `faded` removes the clicks at its edges."""
    check_hz(hz, rate)
    return amplitude(dbfs) * np.sin(2 * np.pi * hz * sample_times(seconds, rate) + phase)


def chord(frequencies: Iterable[float], seconds: float, dbfs: float = -20, *, rate: int = RATE) -> Signal:
    """Several tones at once, each with the given level."""
    total = np.zeros(len(sample_times(seconds, rate)))
    for hz in frequencies:
        total += tone(hz, seconds, dbfs, rate=rate)
    return total


def chirp(
    seconds: float = CHIRP_SECONDS,
    dbfs: float = -12,
    *,
    from_hz: float = CHIRP_FROM_HZ,
    to_hz: float = CHIRP_TO_HZ,
    rate: int = RATE,
) -> Signal:
    """A tone whose frequency changes linearly. Its autocorrelation has one sharp peak, so it can measure delays."""
    check_hz(from_hz, rate, field="from_hz")
    check_hz(to_hz, rate, field="to_hz")
    times = sample_times(seconds, rate)
    sweep = (to_hz - from_hz) / max(seconds, 1 / rate)
    return faded(amplitude(dbfs) * np.sin(2 * np.pi * (from_hz + sweep * times / 2) * times), rate, ms=10)


def cadence(frequencies: Iterable[float], pattern: Iterable[float], dbfs: float = -20, *, rate: int = RATE) -> Signal:
    """A chord that is alternately on and off for the seconds in `pattern`, on first."""
    on = tuple(frequencies)
    parts = (chord(() if at % 2 else on, seconds, dbfs, rate=rate) for at, seconds in enumerate(pattern))
    return joined(*(faded(part, rate) for part in parts))


def ring_back(rings: int = 1, dbfs: float = -20, *, rate: int = RATE) -> Signal:
    """The ringback tone of North America: 440 + 480 Hz, 2 s on and 4 s off (ITU-T E.180)."""
    return cadence((440, 480), (2.0, 4.0) * rings, dbfs, rate=rate)


def busy_tone(times: int = 4, dbfs: float = -20, *, rate: int = RATE) -> Signal:
    """The busy tone of North America: 480 + 620 Hz, half a second on and off (ITU-T E.180)."""
    return cadence((480, 620), (0.5, 0.5) * times, dbfs, rate=rate)
