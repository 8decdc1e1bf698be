"""Tones are detected after companding and noise; speech and noise contain no tones."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from simulator.audio.babble import babble
from simulator.audio.g711 import Law, through_g711
from simulator.audio.levels import level_dbfs
from simulator.audio.noise import noise, silence
from simulator.audio.samples import joined, mixed
from simulator.audio.spectrum import strongest
from simulator.audio.tone_detector import detect_tones, has_tone, level_at, match_tones
from simulator.audio.tones import busy_tone, check_hz, chord, ring_back, tone
from simulator.errors import ConfigurationError

LAWS: tuple[Law, ...] = ("PCMU", "PCMA")


@settings(max_examples=60)
@given(
    hz=st.floats(120, 3300),
    dbfs=st.floats(-42, -1),
    law=st.sampled_from(LAWS),
    offset=st.integers(0, 400),
    phase=st.floats(0, 6),
    seed=st.integers(0, 1000),
)
def test_a_tone_is_detected_after_companding_and_noise_at_any_offset(
    hz: float, dbfs: float, law: Law, offset: int, phase: float, seed: int
) -> None:
    sent = mixed(tone(hz, 0.35, dbfs, phase=phase), noise(0.35, dbfs - 25, seed=seed))
    heard = through_g711(sent, 16000, law)[offset : offset + 4800]
    assert has_tone(heard, hz)
    found, extra = match_tones(detect_tones(heard), frozenset({hz}))
    assert found == {hz}
    assert not extra
    assert abs(level_at(heard, hz) - dbfs) < 1


@settings(max_examples=60)
@given(
    frequencies=st.lists(st.integers(200, 3300), min_size=2, max_size=6, unique=True),
    law=st.sampled_from(LAWS),
)
def test_simultaneous_tones_are_detected_exactly(frequencies: list[int], law: Law) -> None:
    ordered = sorted(frequencies)
    assume(all(high - low >= 40 for low, high in pairwise(ordered)))
    heard = through_g711(chord(frequencies, 0.4, -24), 16000, law)[800:5600]
    found, extra = match_tones(detect_tones(heard), frozenset(map(float, frequencies)))
    assert found == set(frequencies)
    assert not extra


@settings(max_examples=40)
@given(seed=st.integers(0, 100_000), seconds=st.sampled_from((0.2, 0.3, 0.5)))
def test_no_tone_is_detected_in_noise(seed: int, seconds: float) -> None:
    assert detect_tones(noise(seconds, -20, seed=seed)) == []


def test_a_tone_is_hardly_ever_detected_in_speech() -> None:
    speeches = [babble(60, seed=seed) for seed in range(3)]
    pieces = [speech[at : at + 4800] for speech in speeches for at in range(0, 950_000, 9600)]
    wrong = [piece for piece in pieces if detect_tones(piece)]
    assert len(pieces) > 290
    assert len(wrong) / len(pieces) < 0.02


def test_a_tone_that_stops_in_the_middle_is_not_detected() -> None:
    assert not has_tone(joined(tone(440, 0.15), silence(0.15)), 440)
    assert has_tone(tone(440, 0.3), 440)


def test_a_tone_12_hz_beside_the_wanted_one_is_a_different_tone() -> None:
    heard = tone(452, 0.3)
    assert not has_tone(heard, 440)
    assert has_tone(heard, 452)


def test_a_tone_that_is_too_quiet_or_too_short_is_not_detected() -> None:
    assert not has_tone(tone(440, 0.3, -70), 440)
    assert not has_tone(tone(440, 0.05), 440)
    assert detect_tones(silence(1)) == []


def test_a_tone_is_detected_beside_speech_and_nothing_else() -> None:
    tones = detect_tones(mixed(tone(1000, 0.4, -18), babble(0.4, -32, seed=4)))
    assert [round(each.hz) for each in tones] == [1000]


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
def test_tones_are_detected_at_any_sampling_rate(rate: int) -> None:
    assert has_tone(tone(1000, 0.3, rate=rate), 1000, rate)
    assert abs(strongest(tone(1234.5, 0.3, -7, rate=rate), rate)[0].hz - 1234.5) < 0.5


def test_call_progress_tones_have_the_standard_frequencies_and_pauses() -> None:
    ring, busy = ring_back(), busy_tone(2)
    assert (len(ring), len(busy)) == (6 * 16000, 2 * 16000)
    assert {round(each.hz) for each in detect_tones(ring[8000:16000])} == {440, 480}
    assert {round(each.hz) for each in detect_tones(busy[1000:7000])} == {480, 620}
    assert not np.any(ring[2 * 16000 :])


@pytest.mark.parametrize("dbfs", [-60.0, -20.0, -3.0, 0.0])
def test_the_level_of_a_tone_is_its_peak(dbfs: float) -> None:
    assert level_dbfs(tone(997, 1, dbfs)) == pytest.approx(dbfs, abs=0.01)


@pytest.mark.parametrize("hz", [0, 10, 8000, 20000, -440])
def test_frequencies_that_the_sampling_rate_cannot_carry_are_refused(hz: float) -> None:
    with pytest.raises(ConfigurationError, match="half of the sampling rate"):
        check_hz(hz)
