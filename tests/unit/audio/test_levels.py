"""Levels, silence, clipping, and the directions in which audio passes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.audio.babble import babble
from simulator.audio.levels import (
    audio_directions,
    clipped_ratio,
    frame_levels,
    level_dbfs,
    longest_silence,
    silence_ratio,
)
from simulator.audio.noise import noise, silence
from simulator.audio.samples import as_pcm, as_signal, faded, joined
from simulator.audio.tones import tone
from simulator.errors import ConfigurationError


@given(st.floats(-70, -1), st.sampled_from((8000, 16000, 48000)))
def test_noise_has_the_level_it_was_generated_with(dbfs: float, rate: int) -> None:
    assert level_dbfs(noise(1, dbfs, rate=rate)) == pytest.approx(dbfs, abs=0.4)


def test_both_representations_have_the_same_level() -> None:
    sound = tone(440, 0.5, -20)
    assert level_dbfs(as_pcm(sound)) == pytest.approx(level_dbfs(sound), abs=0.01)
    assert np.abs(as_signal(as_pcm(sound)) - sound).max() <= 0.5 / 32768


def test_digital_silence_has_minus_100_dbfs() -> None:
    assert level_dbfs(silence(1)) == level_dbfs(np.zeros(0)) == -100
    assert set(frame_levels(silence(0.1))) == {-100}


def test_silence_is_measured_in_frames() -> None:
    sound = joined(tone(440, 1), silence(0.5), tone(440, 0.5), silence(1))
    assert silence_ratio(sound) == pytest.approx(0.5)
    assert longest_silence(sound) == pytest.approx(1)
    assert silence_ratio(noise(1, -60)) == 1
    assert silence_ratio(noise(1, -40)) == 0
    assert silence_ratio(np.zeros(0)) == 1


@pytest.mark.parametrize(("gain", "clipped"), [(0.5, False), (0.999, False), (1.5, True), (8.0, True)])
def test_clipping_is_detected(gain: float, clipped: bool) -> None:
    ratio = clipped_ratio(as_pcm(gain * tone(300, 1, 0)))
    assert (ratio > 0.01) == clipped
    assert clipped_ratio(np.ones(2)) == 0


def test_a_plateau_below_full_scale_is_not_clipping() -> None:
    assert clipped_ratio(np.full(1000, 0.5)) == 0


def test_one_way_audio_is_detected() -> None:
    talk, nothing = babble(3, seed=1), noise(3, -65)
    assert audio_directions(talk, talk) == "both ways"
    assert audio_directions(talk, nothing) == "one way: only here"
    assert audio_directions(nothing, talk) == "one way: only there"
    assert audio_directions(nothing, silence(3)) == "neither way"


def test_fading_changes_the_edges_only() -> None:
    sound = tone(440, 0.5, -6)
    soft = faded(sound, 16000)
    assert abs(soft[0]) < 1e-3
    assert np.array_equal(soft[80:-80], sound[80:-80])
    assert len(faded(np.zeros(0), 16000)) == 0


@pytest.mark.parametrize(("seconds", "rate"), [(-1, 16000), (float("nan"), 16000), (4000, 16000), (1, 100)])
def test_lengths_and_rates_out_of_range_are_refused(seconds: float, rate: int) -> None:
    with pytest.raises(ConfigurationError):
        silence(seconds, rate=rate)
