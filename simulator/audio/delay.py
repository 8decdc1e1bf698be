"""Finds a known sound in received audio by cross-correlation, accurate to the sample, to measure delays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.audio.samples import Signal, Sound, as_signal

CERTAIN = 0.5
"""Minimum correlation of a reliable match; after G.711 a chirp still has 0.95 or more."""


@dataclass(frozen=True, slots=True)
class Match:
    """The position at which a sound matches a pattern best."""

    at: float
    """Position in samples, interpolated between them."""
    correlation: float
    """Normalised cross-correlation, 0 to 1."""


def best_match(pattern: Sound, received: Sound) -> Match | None:
    """Find the position at which `received` matches `pattern` best, whatever its level.

    None if `received` is shorter than `pattern`, or silent.
    """
    wanted, signal = as_signal(pattern), as_signal(received)
    if len(signal) < len(wanted) or len(wanted) == 0:
        return None
    places = len(signal) - len(wanted) + 1
    size = 1 << (len(signal) + len(wanted) - 1).bit_length()
    product = np.fft.irfft(np.fft.rfft(signal, size) * np.conj(np.fft.rfft(wanted, size)), size)[:places]
    energy = np.cumsum(np.concatenate([[0.0], signal**2]))
    energy = energy[len(wanted) :] - energy[:places]
    quietest = 1e-8 * len(wanted)
    correlation = np.abs(product) / np.sqrt(np.maximum(energy, quietest) * max(float(np.sum(wanted**2)), quietest))
    top = int(correlation.argmax())
    if correlation[top] == 0:
        return None
    return Match(_interpolated_peak(correlation, top), float(min(correlation[top], 1.0)))


def _interpolated_peak(values: Signal, top: int) -> float:
    """Interpolate the position of the maximum at `top`, by a parabola through it and its neighbours."""
    if not 0 < top < len(values) - 1:
        return float(top)
    left, middle, right = values[top - 1 : top + 2]
    bend = left - 2 * middle + right
    return top + (float(0.5 * (left - right) / bend) if bend else 0.0)


def delay_ms(sent: Sound, received: Sound, rate: int) -> float | None:
    """Delay of `sent` within `received` in milliseconds; both recordings start at the same time.

    None if `sent` is not found.
    """
    match = best_match(sent, received)
    return match.at / rate * 1000 if match and match.correlation >= CERTAIN else None
