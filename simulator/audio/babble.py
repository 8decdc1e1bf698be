"""Generates babble: audio with the statistics of speech, without words.

Babble consists of syllables of about a quarter of a second, in phrases with pauses between them. A syllable is a voiced
vowel, the harmonics of a moving pitch shaped by three formants, often after a hissing consonant. It is synthesised
additively from a seed, so the same seed always gives the same samples.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from simulator.audio.levels import level_dbfs
from simulator.audio.samples import RATE, Signal, amplitude, sample_times
from simulator.errors import ConfigurationError

CHARACTERS_PER_SECOND = 15.0
"""Speaking rate."""
SHORTEST_SECONDS = 0.6

_VOWELS = np.array([[730, 1090, 2440], [270, 2290, 3010], [300, 870, 2240], [530, 1840, 2480], [570, 840, 2410]], float)
"""Formants of a, i, u, e, o in Hz (Peterson and Barney, 1952)."""
_WIDTHS = np.array([90.0, 110.0, 170.0])
_GAINS_DB = np.array([0.0, -7.0, -14.0])
_HIGHEST_HARMONIC_HZ = 3800.0
_STEP = 0.01
"""Seconds between two values of a contour, such as the pitch."""


@dataclass(frozen=True, slots=True)
class _Contours:
    """The parameters of the synthesis over time, with a value every 10 ms."""

    pitch: Signal
    formants: Signal
    voiced: Signal
    hiss: Signal


def speaking_seconds(text: str) -> float:
    """Seconds that saying a text takes."""
    return max(SHORTEST_SECONDS, len(text.strip()) / CHARACTERS_PER_SECOND)


def spoken(text: str, *, dbfs: float = -20, rate: int = RATE) -> Signal:
    """Babble for as long as saying the text takes; the same text always gives the same samples."""
    if not text.strip():
        raise ConfigurationError("text", text, "a text that is not blank")
    return babble(speaking_seconds(text), dbfs=dbfs, seed=zlib.crc32(text.encode()), rate=rate)


def babble(seconds: float, dbfs: float = -20, *, seed: int = 0, rate: int = RATE) -> Signal:
    """Babble that starts without a pause. `dbfs` is its level outside the pauses."""
    times = sample_times(seconds, rate)
    random = np.random.default_rng(seed)
    contours = _contours(random, int(seconds / _STEP) + 2)
    signal = _voice(contours, times, rate) + _hiss(contours, random, times)
    loud = signal[np.interp(times, *_points(contours.voiced)) > 0.2]
    if len(loud):
        signal *= amplitude(dbfs - level_dbfs(loud))
    return np.clip(signal, -0.98, 0.98)


def _contours(random: np.random.Generator, count: int) -> _Contours:
    pitch, voiced, hiss = np.zeros(count), np.zeros(count), np.zeros(count)
    formants = np.tile(_VOWELS[0], (count, 1))
    base = random.uniform(95, 210)
    at = 0
    while at < count:
        syllables = int(random.integers(3, 9))
        for number in range(syllables):
            at = _syllable(random, at, pitch, formants, voiced, hiss, base * (1.15 - 0.3 * number / syllables))
        at += int(random.uniform(0.25, 0.8) / _STEP)
    still = pitch == 0
    if not still.all():
        pitch[still] = np.interp(np.flatnonzero(still), np.flatnonzero(~still), pitch[~still])
    return _Contours(_smooth(pitch, 5), _smooth(formants, 7), _smooth(voiced, 3), _smooth(hiss, 3))


def _syllable(
    random: np.random.Generator,
    at: int,
    pitch: Signal,
    formants: Signal,
    voiced: Signal,
    hiss: Signal,
    height: float,
) -> int:
    """Write one syllable into the contours from index `at` on; return the index at which the next one begins."""
    consonant = int(random.uniform(0.03, 0.09) / _STEP)
    vowel = int(random.uniform(0.09, 0.24) / _STEP)
    if random.random() < 0.6:
        hiss[at : at + consonant] = random.uniform(0.3, 1.0)
    begin, end = at + consonant, at + consonant + vowel
    shape = np.sin(np.pi * (np.arange(vowel) + 0.5) / vowel) ** 0.5 * random.uniform(0.5, 1.0)
    room = len(voiced[begin:end])
    voiced[begin:end] = shape[:room]
    bend = height * (1 + random.uniform(-0.12, 0.12) * np.linspace(-1, 1, vowel) + random.normal(0, 0.03))
    pitch[begin:end] = bend[:room]
    formants[begin:end] = _VOWELS[random.integers(len(_VOWELS))] * random.uniform(0.92, 1.12)
    return end + int(random.uniform(0.01, 0.05) / _STEP)


def _voice(contours: _Contours, times: Signal, rate: int) -> Signal:
    """The harmonics of the pitch, weaker towards high frequencies, each with the gain of the formants."""
    pitch = np.interp(times, *_points(contours.pitch))
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    loudness = np.interp(times, *_points(contours.voiced))
    total = np.zeros(len(times))
    highest = min(_HIGHEST_HARMONIC_HZ, 0.45 * rate)
    for number in range(1, int(highest / max(contours.pitch.min(), 40)) + 1):
        hz = number * contours.pitch
        gain = np.where(hz < highest, _formant_gain(hz, contours.formants) * number**-0.5, 0)
        if gain.max() > 1e-4:
            total += np.interp(times, *_points(gain)) * np.sin(number * phase)
    return np.asarray(total * loudness)


def _formant_gain(hz: Signal, formants: Signal) -> Signal:
    away = (hz[:, None] - formants) / _WIDTHS
    return np.asarray((10 ** (_GAINS_DB / 20) / np.sqrt(1 + away**2)).sum(axis=1))


def _hiss(contours: _Contours, random: np.random.Generator, times: Signal) -> Signal:
    """High-pass noise where the contours have a consonant."""
    white = random.normal(0, 0.35, len(times) + 1)
    return np.asarray(np.diff(white) * 0.5 * np.interp(times, *_points(contours.hiss)))


def _points(values: Signal) -> tuple[Signal, Signal]:
    return np.arange(len(values), dtype=np.float64) * _STEP, values


def _smooth(values: Signal, width: int) -> Signal:
    kernel = np.hanning(width + 2)[1:-1]
    kernel /= kernel.sum()
    if values.ndim == 1:
        return np.convolve(np.pad(values, width // 2, mode="edge"), kernel, mode="valid")[: len(values)]
    return np.stack([_smooth(column, width) for column in values.T], axis=1)
