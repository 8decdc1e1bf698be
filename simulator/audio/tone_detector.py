"""Detects tones in audio.

A tone is a frequency that is 20 dB louder than its neighbourhood and keeps its level from beginning to end. Speech and
noise have peaks, too, but none of constant level. In 0.3 s of audio, tones that are 20 Hz apart can be distinguished.
"""

from __future__ import annotations

import numpy as np

from simulator.audio.samples import RATE, Signal, Sound, amplitude, as_signal, sample_times
from simulator.audio.spectrum import Peak, power_spectrum, strongest
from simulator.audio.tones import check_hz

TOLERANCE_HZ = 5.0
"""Maximum distance of a detected tone from the wanted frequency."""
WITHIN_DB = 26.0
"""Maximum distance of a tone's level from the loudest tone; the distortion of G.711 is quieter."""
QUIETEST_DBFS = -55.0
STANDS_OUT_DB = 20.0
"""Minimum level of a tone above its neighbourhood."""
STEADY_DB = 4.0
"""Maximum variation of the level of a tone."""
SHORTEST_SECONDS = 0.08

_PARTS = 4
"""Number of parts of the audio in which a tone must have the same level."""
_RIVAL_DB = 12.0
"""Tones quieter by this do not disturb the measurement of a louder tone's level."""
_NEIGHBOURHOOD_HZ = 300.0


def level_at(sound: Sound, hz: float, rate: int = RATE) -> float:
    """The level in dBFS of one frequency (a Goertzel filter over the whole sound)."""
    return float(20 * np.log10(max(_magnitude(as_signal(sound), hz, rate), 1e-5)))


def level_above_neighbourhood(sound: Sound, hz: float, rate: int = RATE) -> float:
    """How many dB one frequency is louder than the median of the frequencies around it."""
    frequencies, levels = power_spectrum(as_signal(sound), rate)
    return level_at(sound, hz, rate) - _neighbourhood_level(frequencies, levels, hz)


def detect_tones(
    sound: Sound,
    rate: int = RATE,
    *,
    most: int = 12,
    quietest_dbfs: float = QUIETEST_DBFS,
    within_db: float = WITHIN_DB,
) -> list[Peak]:
    """The tones that sound from beginning to end, loudest first; at most `most`."""
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
        and peak.dbfs - _neighbourhood_level(frequencies, levels, peak.hz) >= STANDS_OUT_DB
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
    """Whether a tone of that frequency sounds from beginning to end, alone or among others."""
    check_hz(hz, rate)
    tones = detect_tones(sound, rate, quietest_dbfs=quietest_dbfs)
    return any(abs(tone.hz - hz) <= tolerance_hz for tone in tones)


def match_tones(
    tones: list[Peak], wanted: frozenset[float], *, tolerance_hz: float = TOLERANCE_HZ
) -> tuple[frozenset[float], list[Peak]]:
    """Return the wanted frequencies that are among `tones`, and the tones that are not wanted."""
    found = frozenset(hz for hz in wanted if any(abs(tone.hz - hz) <= tolerance_hz for tone in tones))
    extra = [tone for tone in tones if all(abs(tone.hz - hz) > tolerance_hz for hz in wanted)]
    return found, extra


def _magnitude(signal: Signal, hz: float, rate: int) -> float:
    window = np.hanning(len(signal))
    turning = np.exp(-2j * np.pi * hz * sample_times(len(signal) / rate, rate))
    return float(2 * abs(np.dot(signal * window, turning)) / max(window.sum(), 1e-9))


def _neighbourhood_level(frequencies: Signal, levels: Signal, hz: float) -> float:
    """The median level around a frequency, on which other tones have little influence."""
    near = levels[np.abs(frequencies - hz) <= _NEIGHBOURHOOD_HZ]
    return float(np.median(near))


def _steady(signal: Signal, peak: Peak, peaks: list[Peak], rate: int) -> bool:
    """Whether the tone has the same level in each part of the audio.

    The parts are as long as it takes to separate the tone from its neighbours.
    """
    rivals = (abs(peak.hz - other.hz) for other in peaks if other is not peak and other.dbfs > peak.dbfs - _RIVAL_DB)
    closest = min(rivals, default=np.inf)
    parts, fewest = _PARTS, 2 if len(signal) < 0.25 * rate else 3
    while parts > fewest and closest < 2.5 * parts * rate / len(signal):
        parts -= 1
    level = amplitude(peak.dbfs)
    loudness = [_magnitude(part, peak.hz, rate) / level for part in np.array_split(signal, parts)]
    return all(amplitude(-STEADY_DB) <= each <= amplitude(STEADY_DB) for each in loudness)
