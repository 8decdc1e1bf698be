"""Finding a known sound in what was heard, to the sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.audio.samples import Signal, Sound, as_signal

SURE = 0.5
"""A correlation from which on it is the sound itself and no accident; after G.711 a chirp has 0.95 and more."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where a sound begins in another, in samples, and how alike the two are there, 0 to 1."""

    at: float
    likeness: float


def find(sound: Sound, heard: Sound) -> Found | None:
    """The place in `heard` that is most like `sound`, whatever its level; None when `heard` is too short or silent."""
    pattern, signal = as_signal(sound), as_signal(heard)
    if len(signal) < len(pattern) or len(pattern) == 0:
        return None
    places = len(signal) - len(pattern) + 1
    size = 1 << (len(signal) + len(pattern) - 1).bit_length()
    product = np.fft.irfft(np.fft.rfft(signal, size) * np.conj(np.fft.rfft(pattern, size)), size)[:places]
    energy = np.cumsum(np.concatenate([[0.0], signal**2]))
    energy = energy[len(pattern) :] - energy[:places]
    quietest = 1e-8 * len(pattern)
    alike = np.abs(product) / np.sqrt(np.maximum(energy, quietest) * max(float(np.sum(pattern**2)), quietest))
    top = int(alike.argmax())
    if alike[top] == 0:
        return None
    return Found(_summit(alike, top), float(min(alike[top], 1.0)))


def _summit(values: Signal, top: int) -> float:
    if not 0 < top < len(values) - 1:
        return float(top)
    left, middle, right = values[top - 1 : top + 2]
    bend = left - 2 * middle + right
    return top + (float(0.5 * (left - right) / bend) if bend else 0.0)


def delay_ms(said: Sound, heard: Sound, rate: int) -> float | None:
    """How much later `said` is heard, both recorded from one moment on; None when it is not to be found."""
    found = find(said, heard)
    return found.at / rate * 1000 if found and found.likeness >= SURE else None
