"""Generates background noise: street, voices, mains hum, clicks. The same seed gives the same samples."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from simulator.audio.babble import babble
from simulator.audio.levels import level_dbfs
from simulator.audio.samples import Pcm, Signal, amplitude, as_pcm, mixed, sample_times
from simulator.noise_spec import NoiseSpec

SPEECH_DBFS = -20.0
"""Level of speech, from which the level of the noise follows."""
LOOP_SECONDS = 10.0
"""After so many seconds the noise repeats."""
_VOICES = 6
_HUM_HZ = (50, 100, 150, 250, 350, 450, 550)
_CLICKS_PER_SECOND = 8
_CLICK_SECONDS = 0.003


class Background:
    """Endless background noise, as a source of samples."""

    def __init__(self, loop: Signal) -> None:
        self._loop = as_pcm(loop)
        self._at = 0

    def take(self, count: int) -> Pcm:
        """Take the next `count` samples."""
        taken = self._loop[np.arange(self._at, self._at + count) % len(self._loop)]
        self._at = (self._at + count) % len(self._loop)
        return taken


@lru_cache(maxsize=8)
def background(spec: NoiseSpec, rate: int) -> Signal:
    """10 s of noise of the kind, whose level in the telephone band is `snr_db` below speech. Voices take 0.5 s."""
    signal = _KINDS[spec.kind](np.random.default_rng(spec.seed), rate)
    wanted = SPEECH_DBFS - spec.snr_db
    return np.clip(signal * amplitude(wanted - telephone_level(signal, rate)), -0.98, 0.98)


def telephone_level(signal: Signal, rate: int) -> float:
    """The level in dBFS of what is in the telephone band, 300 to 3400 Hz."""
    spectrum = np.fft.rfft(signal)
    hz = np.fft.rfftfreq(len(signal), 1 / rate)
    spectrum[(hz < 300) | (hz > 3400)] = 0
    return level_dbfs(np.fft.irfft(spectrum, len(signal)))


def _street(random: np.random.Generator, rate: int) -> Signal:
    """Pink noise whose level swells and falls, as traffic does."""
    count = round(LOOP_SECONDS * rate)
    spectrum = np.fft.rfft(random.normal(0, 1, count))
    hz = np.fft.rfftfreq(count, 1 / rate)
    spectrum /= np.sqrt(np.maximum(hz, 20))
    swell = 1 + 0.3 * np.sin(2 * np.pi * (np.arange(count) / count * 3 + random.uniform()))
    return np.fft.irfft(spectrum, count) * swell


def _babble(random: np.random.Generator, rate: int) -> Signal:
    return mixed(*(babble(LOOP_SECONDS, seed=int(random.integers(1 << 31)), rate=rate) for _ in range(_VOICES)))


def _hum(random: np.random.Generator, rate: int) -> Signal:
    times = sample_times(LOOP_SECONDS, rate)
    waves = (np.sin(2 * np.pi * hz * times + random.uniform(0, 2 * np.pi)) / (1 + at) for at, hz in enumerate(_HUM_HZ))
    return np.asarray(sum(waves, start=np.zeros(len(times))))


def _clicks(random: np.random.Generator, rate: int) -> Signal:
    signal = np.zeros(round(LOOP_SECONDS * rate))
    length = round(_CLICK_SECONDS * rate)
    shape = np.exp(-5 * np.arange(length) / length)
    for at in random.integers(0, len(signal) - length, round(LOOP_SECONDS * _CLICKS_PER_SECOND)):
        signal[at : at + length] += shape * random.choice((-1, 1)) * random.uniform(0.3, 1)
    return signal


_KINDS = {"street": _street, "babble": _babble, "hum": _hum, "clicks": _clicks}
