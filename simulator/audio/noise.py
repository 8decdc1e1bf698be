"""Generates silence and noise."""

from __future__ import annotations

import numpy as np

from simulator.audio.samples import RATE, Signal, amplitude, sample_times


def silence(seconds: float, *, rate: int = RATE) -> Signal:
    """Digital silence of the given duration."""
    return np.zeros(len(sample_times(seconds, rate)))


def noise(seconds: float, dbfs: float = -40, *, seed: int = 0, rate: int = RATE) -> Signal:
    """White noise of the given level over the whole band; the same seed gives the same noise."""
    count = len(sample_times(seconds, rate))
    return np.random.default_rng(seed).normal(0, amplitude(dbfs) / np.sqrt(2), count)
