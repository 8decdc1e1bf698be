"""The speech detector accepts babble and rejects all other sounds of calls; babble has the statistics of speech."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulator.audio.babble import babble, speaking_seconds, spoken
from simulator.audio.dtmf_tones import dtmf
from simulator.audio.g711 import through_g711
from simulator.audio.levels import frame_levels, level_dbfs, silence_ratio
from simulator.audio.noise import noise, silence
from simulator.audio.samples import Signal, joined, mixed
from simulator.audio.speech_detector import has_speech, speech_features
from simulator.audio.tones import busy_tone, chirp, chord, ring_back, tone
from simulator.errors import ConfigurationError


@settings(max_examples=40)
@given(seed=st.integers(0, 100_000), dbfs=st.floats(-34, -14), snr=st.floats(20, 40))
@example(seed=4197, dbfs=-32, snr=24).via("half of its loud frames are tonal")
def test_a_second_and_a_half_of_babble_is_speech(seed: int, dbfs: float, snr: float) -> None:
    speech = mixed(babble(1.5, dbfs, seed=seed), noise(1.5, dbfs - snr, seed=seed))
    assert has_speech(through_g711(speech, 16000)), speech_features(speech)


OTHER_SOUNDS = {
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
    "digits": dtmf("0123456789"),
    "chirps": joined(*[chirp()] * 6),
    "speech too far away to hear": babble(2, -62, seed=3),
}


@pytest.mark.parametrize("name", OTHER_SOUNDS)
@pytest.mark.parametrize("companded", [False, True], ids=["original", "through PCMU"])
def test_other_sounds_are_not_speech(name: str, companded: bool) -> None:
    sound: Signal = OTHER_SOUNDS[name]
    heard = through_g711(sound, 16000) if companded else sound
    assert not has_speech(heard), speech_features(heard)


def test_babble_has_syllables_and_pauses() -> None:
    speech = babble(60, seed=1)
    assert 0.15 < silence_ratio(speech) < 0.5
    envelope = 10 ** (frame_levels(speech) / 20)
    strength = np.abs(np.fft.rfft((envelope - envelope.mean()) * np.hanning(len(envelope)))) ** 2
    hz = np.fft.rfftfreq(len(envelope), 0.02)
    syllables = strength[(hz >= 2) & (hz < 8)].sum()
    assert syllables > 0.4 * strength[hz > 0.2].sum()


@pytest.mark.parametrize("dbfs", [-35.0, -20.0])
def test_the_level_of_babble_is_without_its_pauses(dbfs: float) -> None:
    speech = babble(20, dbfs, seed=2)
    levels = frame_levels(speech)
    active = np.repeat(levels > dbfs - 25, 320)
    assert level_dbfs(speech[: len(active)][active]) == pytest.approx(dbfs, abs=2)
    assert np.abs(speech).max() < 1


def test_the_same_seed_gives_the_same_babble() -> None:
    assert np.array_equal(babble(2, seed=7), babble(2, seed=7))
    assert not np.array_equal(babble(2, seed=7), babble(2, seed=8))
    assert np.array_equal(spoken("hello world"), spoken("hello world"))


def test_saying_a_longer_text_takes_longer() -> None:
    text = "Thank you for calling. Your call is important to us."
    assert len(spoken(text)) == pytest.approx(16000 * len(text) / 15, abs=2)
    assert speaking_seconds("hi") == pytest.approx(0.6)
    with pytest.raises(ConfigurationError, match="text"):
        spoken("  ")
