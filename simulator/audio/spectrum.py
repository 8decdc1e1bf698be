"""The spectrum of a sound, and its strongest frequencies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.audio.samples import DIGITAL_SILENCE_DBFS, RATE, Signal, Sound, as_signal

_LOBE = 3
"""Half the width of a tone's main lobe with a Blackman window, in bins."""


@dataclass(frozen=True, slots=True)
class Peak:
    """A local maximum of the spectrum."""

    hz: float
    dbfs: float

    def __str__(self) -> str:
        return f"{self.hz:.0f} Hz at {self.dbfs:.0f} dBFS"


def power_spectrum(sound: Sound, rate: int = RATE, *, padding: int = 2) -> tuple[Signal, Signal]:
    """Frequencies in Hz, and for each the level in dBFS of a tone there. Both have the shape (bins,).

    The Blackman window leaks below -58 dB only. Zero padding makes the bins `padding` times finer than the resolution.
    """
    signal = as_signal(sound)
    window = np.blackman(len(signal))
    size = padding * len(signal)
    magnitude = np.abs(np.fft.rfft(signal * window, size)) * 2 / max(window.sum(), 1e-9)
    level = 20 * np.log10(np.maximum(magnitude, 10 ** (DIGITAL_SILENCE_DBFS / 20)))
    return np.asarray(np.fft.rfftfreq(size, 1 / rate), np.float64), np.asarray(level, np.float64)


def strongest(sound: Sound, rate: int = RATE, *, count: int = 5, above_dbfs: float = -70) -> list[Peak]:
    """The strongest frequencies, loudest first: local maxima that are not leakage of a stronger one."""
    if len(sound) < 64:
        return []
    padding = 4
    _, level = power_spectrum(sound, rate, padding=padding)
    inside = level[1:-1]
    tops = np.flatnonzero((inside >= level[:-2]) & (inside > level[2:]) & (inside > above_dbfs)) + 1
    found: list[Peak] = []
    bin_hz = rate / (padding * len(sound))
    for top in tops[np.argsort(-level[tops])]:
        peak = _refined(level, int(top), bin_hz)
        if all(abs(peak.hz - other.hz) > _LOBE * padding * bin_hz and peak.dbfs > other.dbfs - 57 for other in found):
            found.append(peak)
            if len(found) == count:
                break
    return found


def _refined(level: Signal, top: int, bin_hz: float) -> Peak:
    """The vertex of the parabola through a local maximum and its two neighbours."""
    left, middle, right = level[top - 1 : top + 2]
    bend = left - 2 * middle + right
    shift = 0.0 if bend == 0 else float(0.5 * (left - right) / bend)
    return Peak((top + shift) * bin_hz, float(middle - 0.25 * (left - right) * shift))
