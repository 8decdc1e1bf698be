"""Silence and noise."""

from __future__ import annotations

import numpy as np

from simulator.audio.samples import RATE, Signal, amplitude, moments


def silence(seconds: float, *, rate: int = RATE) -> Signal:
    """Nothing at all."""
    return np.zeros(len(moments(seconds, rate)))


def noise(seconds: float, dbfs: float = -40, *, seed: int = 0, rate: int = RATE) -> Signal:
    """White noise of that level over the whole band; one seed is one noise."""
    count = len(moments(seconds, rate))
    return np.random.default_rng(seed).normal(0, amplitude(dbfs) / np.sqrt(2), count)
