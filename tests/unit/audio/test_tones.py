"""Tones are found as they were made, whatever the line does to them; speech and noise have none."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from simulator.audio.g711 import Law, over_the_wire
from simulator.audio.levels import level_dbfs
from simulator.audio.noise import noise, silence
from simulator.audio.samples import joined, mixed
from simulator.audio.spectrum import strongest
from simulator.audio.speech import babble
from simulator.audio.tone_finder import find_tones, has_tone, level_at, matched
from simulator.audio.tones import busy_tone, check_hz, chord, ring_back, tone
from simulator.errors import ConfigurationError

LAWS: tuple[Law, ...] = ("PCMU", "PCMA")


@settings(max_examples=60, deadline=None)
@given(
    hz=st.floats(120, 3300),
    dbfs=st.floats(-42, -1),
    law=st.sampled_from(LAWS),
    offset=st.integers(0, 400),
    phase=st.floats(0, 6),
    seed=st.integers(0, 1000),
)
def test_a_tone_survives_companding_noise_and_any_offset(
    hz: float, dbfs: float, law: Law, offset: int, phase: float, seed: int
) -> None:
    said = mixed(tone(hz, 0.35, dbfs, phase=phase), noise(0.35, dbfs - 25, seed=seed))
    heard = over_the_wire(said, 16000, law)[offset : offset + 4800]
    assert has_tone(heard, hz)
    found, extra = matched(find_tones(heard), frozenset({hz}))
    assert found == {hz}
    assert not extra
    assert abs(level_at(heard, hz) - dbfs) < 1


@settings(max_examples=60, deadline=None)
@given(
    frequencies=st.lists(st.integers(200, 3300), min_size=2, max_size=6, unique=True),
    law=st.sampled_from(LAWS),
)
def test_a_set_of_tones_is_found_exactly(frequencies: list[int], law: Law) -> None:
    ordered = sorted(frequencies)
    assume(all(high - low >= 40 for low, high in pairwise(ordered)))
    heard = over_the_wire(chord(frequencies, 0.4, -24), 16000, law)[800:5600]
    found, extra = matched(find_tones(heard), frozenset(map(float, frequencies)))
    assert found == set(frequencies)
    assert not extra


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 100_000), seconds=st.sampled_from((0.2, 0.3, 0.5)))
def test_noise_has_no_tone(seed: int, seconds: float) -> None:
    assert find_tones(noise(seconds, -20, seed=seed)) == []


def test_speech_hardly_ever_has_a_tone() -> None:
    talks = [babble(60, seed=seed) for seed in range(3)]
    pieces = [talk[at : at + 4800] for talk in talks for at in range(0, 950_000, 9600)]
    fooled = [piece for piece in pieces if find_tones(piece)]
    assert len(pieces) > 290
    assert len(fooled) / len(pieces) < 0.02


def test_a_tone_that_stops_in_the_middle_is_none() -> None:
    assert not has_tone(joined(tone(440, 0.15), silence(0.15)), 440)
    assert has_tone(tone(440, 0.3), 440)


def test_a_tone_beside_the_wanted_one_is_another() -> None:
    heard = tone(452, 0.3)
    assert not has_tone(heard, 440)
    assert has_tone(heard, 452)


def test_what_is_too_quiet_or_too_short_has_no_tone() -> None:
    assert not has_tone(tone(440, 0.3, -70), 440)
    assert not has_tone(tone(440, 0.05), 440)
    assert find_tones(silence(1)) == []


def test_a_tone_under_speech_is_found_and_speech_is_not_taken_for_more() -> None:
    tones = find_tones(mixed(tone(1000, 0.4, -18), babble(0.4, -32, seed=4)))
    assert [round(each.hz) for each in tones] == [1000]


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
def test_any_rate(rate: int) -> None:
    assert has_tone(tone(1000, 0.3, rate=rate), 1000, rate)
    assert abs(strongest(tone(1234.5, 0.3, -7, rate=rate), rate)[0].hz - 1234.5) < 0.5


def test_call_progress_tones_have_their_frequencies_and_pauses() -> None:
    ring, busy = ring_back(), busy_tone(2)
    assert (len(ring), len(busy)) == (6 * 16000, 2 * 16000)
    assert {round(each.hz) for each in find_tones(ring[8000:16000])} == {440, 480}
    assert {round(each.hz) for each in find_tones(busy[1000:7000])} == {480, 620}
    assert not np.any(ring[2 * 16000 :])


@pytest.mark.parametrize("dbfs", [-60.0, -20.0, -3.0, 0.0])
def test_the_level_of_a_tone_is_its_peak(dbfs: float) -> None:
    assert level_dbfs(tone(997, 1, dbfs)) == pytest.approx(dbfs, abs=0.01)


@pytest.mark.parametrize("hz", [0, 10, 8000, 20000, -440])
def test_frequencies_that_the_rate_cannot_carry_are_refused(hz: float) -> None:
    with pytest.raises(ConfigurationError, match="half of the rate"):
        check_hz(hz)
