"""Which tones sound in a piece of sound, and whether one does.

A tone is a frequency that stands 20 dB out of its neighbourhood and stays as loud from beginning to end. Speech and
noise have peaks, too, but none that stays. Tones 20 Hz apart are told apart in 0.3 s.
"""

from __future__ import annotations

import numpy as np

from simulator.audio.samples import RATE, Signal, Sound, amplitude, as_signal, moments
from simulator.audio.spectrum import Peak, power_spectrum, strongest
from simulator.audio.tones import check_hz

TOLERANCE_HZ = 5.0
WITHIN_DB = 26.0
"""How much quieter than the loudest one a tone may be; what G.711 adds to a tone is quieter."""
QUIETEST_DBFS = -55.0
STANDS_OUT_DB = 20.0
STEADY_DB = 4.0
SHORTEST_SECONDS = 0.08

_PARTS = 4
_RIVAL_DB = 12.0
_NEIGHBOURHOOD_HZ = 300.0


def level_at(sound: Sound, hz: float, rate: int = RATE) -> float:
    """The level in dBFS of the part at one frequency (Goertzel's filter over the whole length)."""
    return float(20 * np.log10(max(_magnitude(as_signal(sound), hz, rate), 1e-5)))


def find_tones(
    sound: Sound,
    rate: int = RATE,
    *,
    most: int = 12,
    quietest_dbfs: float = QUIETEST_DBFS,
    within_db: float = WITHIN_DB,
) -> list[Peak]:
    """The tones that sound all through it, loudest first."""
    signal = as_signal(sound)
    if len(signal) < SHORTEST_SECONDS * rate:
        return []
    peaks = strongest(signal, rate, count=most, above_dbfs=quietest_dbfs)
    if not peaks:
        return []
    frequencies, levels = power_spectrum(signal, rate)
    return [
        peak
        for peak in peaks
        if peak.hz >= 20
        and peak.dbfs >= peaks[0].dbfs - within_db
        and peak.dbfs - _around(frequencies, levels, peak.hz) >= STANDS_OUT_DB
        and _steady(signal, peak, peaks, rate)
    ]


def has_tone(
    sound: Sound,
    hz: float,
    rate: int = RATE,
    *,
    tolerance_hz: float = TOLERANCE_HZ,
    quietest_dbfs: float = QUIETEST_DBFS,
) -> bool:
    """Whether a tone of that frequency sounds all through it, alone or among others."""
    check_hz(hz, rate)
    tones = find_tones(sound, rate, quietest_dbfs=quietest_dbfs)
    return any(abs(tone.hz - hz) <= tolerance_hz for tone in tones)


def matched(
    tones: list[Peak], wanted: frozenset[float], *, tolerance_hz: float = TOLERANCE_HZ
) -> tuple[frozenset[float], list[Peak]]:
    """Which of the wanted frequencies are among `tones`, and the tones that nobody wanted."""
    found = frozenset(hz for hz in wanted if any(abs(tone.hz - hz) <= tolerance_hz for tone in tones))
    extra = [tone for tone in tones if all(abs(tone.hz - hz) > tolerance_hz for hz in wanted)]
    return found, extra


def _magnitude(signal: Signal, hz: float, rate: int) -> float:
    window = np.hanning(len(signal))
    turning = np.exp(-2j * np.pi * hz * moments(len(signal) / rate, rate))
    return float(2 * abs(np.dot(signal * window, turning)) / max(window.sum(), 1e-9))


def _around(frequencies: Signal, levels: Signal, hz: float) -> float:
    """The usual level in the neighbourhood; half of the bins must be quieter, whatever other tones are there."""
    near = levels[np.abs(frequencies - hz) <= _NEIGHBOURHOOD_HZ]
    return float(np.median(near))


def _steady(signal: Signal, peak: Peak, peaks: list[Peak], rate: int) -> bool:
    """Whether each part has it as loud as the whole; parts long enough to tell it from its neighbours are taken."""
    rivals = (abs(peak.hz - other.hz) for other in peaks if other is not peak and other.dbfs > peak.dbfs - _RIVAL_DB)
    closest = min(rivals, default=np.inf)
    parts, fewest = _PARTS, 2 if len(signal) < 0.25 * rate else 3
    while parts > fewest and closest < 2.5 * parts * rate / len(signal):
        parts -= 1
    level = amplitude(peak.dbfs)
    loudness = [_magnitude(part, peak.hz, rate) / level for part in np.array_split(signal, parts)]
    return all(amplitude(-STEADY_DB) <= each <= amplitude(STEADY_DB) for each in loudness)
