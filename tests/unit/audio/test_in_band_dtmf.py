"""In-band digits are detected within the limits of ITU-T Q.24; speech and noise contain none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.audio.babble import babble
from simulator.audio.dtmf_detector import detect_digits, digits_in
from simulator.audio.dtmf_tones import digit_frequencies, dtmf
from simulator.audio.g711 import Law, through_g711
from simulator.audio.noise import noise
from simulator.audio.samples import joined, mixed
from simulator.dtmf import DIGITS
from simulator.dtmf_senders.in_band_senders import IN_BAND_SENDERS, InBandSender


@settings(max_examples=60)
@given(
    digits=st.text(st.sampled_from(DIGITS), min_size=1, max_size=6),
    law=st.sampled_from(("PCMU", "PCMA")),
    duration_ms=st.integers(40, 180),
    gap_ms=st.integers(40, 120),
    dbfs=st.floats(-36, -9),
    twist_db=st.floats(-8, 4),
    off_by=st.floats(-1, 1),
    offset=st.integers(0, 700),
    seed=st.integers(0, 1000),
)
def test_every_valid_digit_is_detected_once(
    digits: str,
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
    sent = dtmf(digits, duration_ms=duration_ms, gap_ms=gap_ms, dbfs=dbfs, twist_db=twist_db, off_by=off_by)
    weaker = min(dbfs, dbfs + twist_db)
    noisy = joined(np.zeros(offset), mixed(sent, noise(len(sent) / 16000, weaker - 20, seed=seed)))
    assert digits_in(through_g711(noisy, 16000, law)) == digits


@settings(max_examples=40)
@given(digit=st.sampled_from(DIGITS), duration_ms=st.integers(1, 23), offset=st.integers(0, 400))
def test_a_short_burst_is_not_detected(digit: str, duration_ms: int, offset: int) -> None:
    assert digits_in(joined(np.zeros(offset), dtmf(digit, duration_ms=duration_ms))) == ""


@settings(max_examples=40)
@given(digit=st.sampled_from(DIGITS), off_by=st.sampled_from((-0.05, -0.035, 0.035, 0.05)))
def test_a_digit_with_wrong_frequencies_is_not_detected(digit: str, off_by: float) -> None:
    assert digits_in(dtmf(digit, off_by=off_by)) == ""


@pytest.mark.parametrize("law", ["none", "PCMU"])
def test_no_digit_is_detected_in_minutes_of_speech(law: Law) -> None:
    for seed in range(6):
        speech = babble(60, seed=seed)
        assert detect_digits(speech if law == "none" else through_g711(speech, 16000, law)) == [], seed  # type: ignore[comparison-overlap]


def test_no_digit_is_detected_in_minutes_of_noise() -> None:
    assert detect_digits(noise(180, -20, seed=1)) == []


@pytest.mark.parametrize("sender", IN_BAND_SENDERS, ids=str)
@pytest.mark.parametrize("companded", [False, True], ids=["original", "through PCMU"])
def test_the_digits_of_each_sender_are_detected(sender: InBandSender, companded: bool) -> None:
    sound = sender.sound()
    assert digits_in(through_g711(sound, 16000) if companded else sound) == sender.expected


def test_time_level_and_twist_are_measured() -> None:
    first, second = detect_digits(dtmf("5D", duration_ms=120, gap_ms=80, dbfs=-20, twist_db=3))
    assert (first.digit, second.digit) == ("5", "D")
    assert first.at == pytest.approx(0, abs=0.012)
    assert second.at == pytest.approx(0.2, abs=0.012)
    assert first.duration_ms == pytest.approx(120, abs=12)
    assert first.dbfs == pytest.approx(-17, abs=0.5)
    assert first.twist_db == pytest.approx(3, abs=0.3)


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
def test_digits_are_detected_at_any_sampling_rate(rate: int) -> None:
    assert digits_in(dtmf(DIGITS, rate=rate), rate) == DIGITS


def test_digits_have_the_frequencies_of_the_keypad() -> None:
    assert [digit_frequencies(digit) for digit in "1D*0"] == [(697, 1209), (941, 1633), (941, 1209), (941, 1336)]


def test_audio_shorter_than_a_window_has_no_digit() -> None:
    assert detect_digits(dtmf("1")[:300]) == []
