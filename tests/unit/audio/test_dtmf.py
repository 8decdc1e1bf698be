"""In-band digits along the limits of ITU-T Q.24, and speech that must not be taken for any."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.audio.dtmf_finder import digits, find_keys
from simulator.audio.dtmf_tones import dtmf, key_frequencies
from simulator.audio.g711 import Law, over_the_wire
from simulator.audio.in_band_senders import IN_BAND_SENDERS, InBandSender
from simulator.audio.noise import noise
from simulator.audio.samples import joined, mixed
from simulator.audio.speech import babble
from simulator.dtmf import DIGITS


@settings(max_examples=60, deadline=None)
@given(
    keys=st.text(st.sampled_from(DIGITS), min_size=1, max_size=6),
    law=st.sampled_from(("PCMU", "PCMA")),
    duration_ms=st.integers(40, 180),
    gap_ms=st.integers(40, 120),
    dbfs=st.floats(-36, -9),
    twist_db=st.floats(-8, 4),
    off_by=st.floats(-1, 1),
    offset=st.integers(0, 700),
    seed=st.integers(0, 1000),
)
def test_every_good_key_is_found_once(
    keys: str,
    law: Law,
    duration_ms: int,
    gap_ms: int,
    dbfs: float,
    twist_db: float,
    off_by: float,
    offset: int,
    seed: int,
) -> None:
    off_by *= 0.015 if duration_ms >= 60 else 0.01
    pressed = dtmf(keys, duration_ms=duration_ms, gap_ms=gap_ms, dbfs=dbfs, twist_db=twist_db, off_by=off_by)
    weaker = min(dbfs, dbfs + twist_db)
    said = joined(np.zeros(offset), mixed(pressed, noise(len(pressed) / 16000, weaker - 20, seed=seed)))
    assert digits(over_the_wire(said, 16000, law)) == keys


@settings(max_examples=40, deadline=None)
@given(key=st.sampled_from(DIGITS), duration_ms=st.integers(1, 23), offset=st.integers(0, 400))
def test_a_burst_is_no_key(key: str, duration_ms: int, offset: int) -> None:
    assert digits(joined(np.zeros(offset), dtmf(key, duration_ms=duration_ms))) == ""


@settings(max_examples=40, deadline=None)
@given(key=st.sampled_from(DIGITS), off_by=st.sampled_from((-0.05, -0.035, 0.035, 0.05)))
def test_a_key_out_of_tune_is_none(key: str, off_by: float) -> None:
    assert digits(dtmf(key, off_by=off_by)) == ""


@pytest.mark.parametrize("law", ["none", "PCMU"])
def test_minutes_of_talk_have_no_digit(law: Law) -> None:
    for seed in range(6):
        talk = babble(60, seed=seed)
        assert find_keys(talk if law == "none" else over_the_wire(talk, 16000, law)) == [], seed  # type: ignore[comparison-overlap]


def test_minutes_of_noise_have_no_digit() -> None:
    assert find_keys(noise(180, -20, seed=1)) == []


@pytest.mark.parametrize("sender", IN_BAND_SENDERS, ids=str)
@pytest.mark.parametrize("wire", [False, True], ids=["as made", "through PCMU"])
def test_senders_yield_what_they_must(sender: InBandSender, wire: bool) -> None:
    sound = sender.sound()
    assert digits(over_the_wire(sound, 16000) if wire else sound) == sender.yields


def test_times_levels_and_twist_are_told() -> None:
    first, second = find_keys(dtmf("5D", duration_ms=120, gap_ms=80, dbfs=-20, twist_db=3))
    assert (first.digit, second.digit) == ("5", "D")
    assert first.at == pytest.approx(0, abs=0.012)
    assert second.at == pytest.approx(0.2, abs=0.012)
    assert first.duration_ms == pytest.approx(120, abs=12)
    assert first.dbfs == pytest.approx(-17, abs=0.5)
    assert first.twist_db == pytest.approx(3, abs=0.3)


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
def test_any_rate(rate: int) -> None:
    assert digits(dtmf(DIGITS, rate=rate), rate) == DIGITS


def test_keys_have_the_frequencies_of_the_keypad() -> None:
    assert [key_frequencies(key) for key in "1D*0"] == [(697, 1209), (941, 1633), (941, 1209), (941, 1336)]


def test_what_is_shorter_than_a_window_has_no_key() -> None:
    assert find_keys(dtmf("1")[:300]) == []
