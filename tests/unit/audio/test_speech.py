"""Babble is speech to the detector, nothing else that lines carry is, and it has the statistics of talk."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.audio.dtmf_tones import dtmf
from simulator.audio.g711 import over_the_wire
from simulator.audio.levels import frame_levels, level_dbfs, silence_ratio
from simulator.audio.noise import noise, silence
from simulator.audio.samples import Signal, joined, mixed
from simulator.audio.speech import babble, seconds_of, spoken
from simulator.audio.speech_finder import analysed, has_speech
from simulator.audio.tones import busy_tone, chirp, chord, ring_back, tone
from simulator.errors import ConfigurationError


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 100_000), dbfs=st.floats(-34, -14), snr=st.floats(20, 40))
def test_a_second_and_a_half_of_talk_is_speech(seed: int, dbfs: float, snr: float) -> None:
    talk = mixed(babble(1.5, dbfs, seed=seed), noise(1.5, dbfs - snr, seed=seed))
    assert has_speech(over_the_wire(talk, 16000)), analysed(talk)


NO_SPEECH = {
    "silence": silence(2),
    "noise": noise(2, -20),
    "bursts of noise": joined(*(joined(noise(0.2, -20, seed=number), silence(0.1)) for number in range(8))),
    "a tone": tone(440, 2),
    "a low tone": tone(110, 2),
    "tones coming and going": joined(*(joined(tone(300 + 50 * n, 0.2), silence(0.1)) for n in range(8))),
    "four parties humming": chord((350, 440, 660, 880), 2),
    "six parties humming": chord((350, 440, 570, 660, 880, 1210), 2, -24),
    "ringing": ring_back(),
    "busy": busy_tone(),
    "keys": dtmf("0123456789"),
    "chirps": joined(*[chirp()] * 6),
    "speech too far away to hear": babble(2, -62, seed=3),
}


@pytest.mark.parametrize("name", NO_SPEECH)
@pytest.mark.parametrize("wire", [False, True], ids=["as made", "through PCMU"])
def test_what_is_no_speech(name: str, wire: bool) -> None:
    sound: Signal = NO_SPEECH[name]
    heard = over_the_wire(sound, 16000) if wire else sound
    assert not has_speech(heard), analysed(heard)


def test_talk_has_syllables_and_pauses() -> None:
    talk = babble(60, seed=1)
    assert 0.15 < silence_ratio(talk) < 0.5
    envelope = 10 ** (frame_levels(talk) / 20)
    strength = np.abs(np.fft.rfft((envelope - envelope.mean()) * np.hanning(len(envelope)))) ** 2
    hz = np.fft.rfftfreq(len(envelope), 0.02)
    syllables = strength[(hz >= 2) & (hz < 8)].sum()
    assert syllables > 0.4 * strength[hz > 0.2].sum()


@pytest.mark.parametrize("dbfs", [-35.0, -20.0])
def test_the_level_is_that_of_the_talk_without_its_pauses(dbfs: float) -> None:
    talk = babble(20, dbfs, seed=2)
    levels = frame_levels(talk)
    active = np.repeat(levels > dbfs - 25, 320)
    assert level_dbfs(talk[: len(active)][active]) == pytest.approx(dbfs, abs=2)
    assert np.abs(talk).max() < 1


def test_one_seed_is_one_utterance() -> None:
    assert np.array_equal(babble(2, seed=7), babble(2, seed=7))
    assert not np.array_equal(babble(2, seed=7), babble(2, seed=8))
    assert np.array_equal(spoken("hello world"), spoken("hello world"))


def test_a_longer_text_takes_longer() -> None:
    text = "Thank you for calling. Your call is important to us."
    assert len(spoken(text)) == pytest.approx(16000 * len(text) / 15, abs=2)
    assert seconds_of("hi") == pytest.approx(0.6)
    with pytest.raises(ConfigurationError, match="text"):
        spoken("  ")
