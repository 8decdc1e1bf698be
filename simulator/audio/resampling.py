"""Converts audio to another sampling rate."""

from __future__ import annotations

from math import gcd

import numpy as np

from simulator.audio.samples import Signal, Sound, as_signal

_CROSSINGS = 24
"""Zero crossings of the windowed sinc on each side, for a transition band of about 4% of the lower rate."""


def resampled(sound: Sound, rate: int, to_rate: int) -> Signal:
    """Convert from `rate` to `to_rate` without delay; frequencies that the lower rate cannot carry are filtered out."""
    signal = as_signal(sound)
    if rate == to_rate or len(signal) == 0:
        return signal
    divisor = gcd(rate, to_rate)
    up, down = to_rate // divisor, rate // divisor
    half = _CROSSINGS * max(up, down)
    at = np.arange(-half, half + 1) / max(up, down)
    taps = np.sinc(at) * np.blackman(2 * half + 1) * up / max(up, down)
    count = -(-len(signal) * up // down)
    result = np.empty(count)
    for phase in range(up):
        _fill_phase(result, signal, taps, phase, up, down, half)
    return result


def _fill_phase(result: Signal, signal: Signal, taps: Signal, phase: int, up: int, down: int, half: int) -> None:
    """Compute every `up`-th sample of the result from `phase` on; they share one set of filter taps."""
    first = (phase * down) % up
    own_taps = taps[(half + first) % up :: up]
    before = (half + first) // up
    start = phase * down // up
    filtered = np.convolve(signal, own_taps)
    at = start + before + np.arange(len(result[phase::up])) * down
    padded = np.append(filtered, np.zeros(max(0, at[-1] + 1 - len(filtered)))) if len(at) else filtered
    result[phase::up] = padded[at]
