"""Delays are measured by correlation, and quality is rated by the E-model."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.audio.babble import babble
from simulator.audio.delay import best_match, delay_ms
from simulator.audio.e_model import CODECS, e_model_rating, rating_of_statistics
from simulator.audio.g711 import Law, through_g711
from simulator.audio.noise import noise, silence
from simulator.audio.samples import joined, mixed
from simulator.audio.tones import chirp
from simulator.errors import ConfigurationError
from simulator.useragent.messages import Statistics


@settings(max_examples=40)
@given(
    late=st.integers(0, 16000),
    law=st.sampled_from(("PCMU", "PCMA")),
    dbfs=st.floats(-35, -3),
    seed=st.integers(0, 1000),
)
def test_the_delay_of_a_chirp_is_measured_through_noise_and_companding(
    late: int, law: Law, dbfs: float, seed: int
) -> None:
    heard = joined(np.zeros(late), chirp(dbfs=dbfs), silence(0.5))
    heard = mixed(heard, noise(len(heard) / 16000, dbfs - 15, seed=seed))
    found = delay_ms(chirp(), through_g711(heard, 16000, law), 16000)
    assert found == pytest.approx(late / 16, abs=0.1)


def test_speech_at_the_same_time_does_not_hide_a_chirp() -> None:
    heard = mixed(joined(silence(0.2), chirp(dbfs=-12)), babble(1, -24, seed=3))
    assert delay_ms(chirp(), heard, 16000) == pytest.approx(200, abs=0.2)


@pytest.mark.parametrize("other", [silence(2), noise(2, -20), babble(2, seed=5), np.zeros(10), np.zeros(0)])
def test_a_chirp_is_not_found_in_other_audio(other: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    assert delay_ms(chirp(), other, 16000) is None


def test_half_a_chirp_is_not_a_certain_match() -> None:
    found = best_match(chirp(), joined(silence(0.3), chirp()[:2000]))
    assert found is None or found.correlation < 0.5


def statistics(**fields: float) -> Statistics:
    zeros = dict.fromkeys(Statistics.model_fields, 0)
    return Statistics.model_validate(zeros | fields)


def test_ratings_are_those_of_the_standard() -> None:
    assert e_model_rating("PCMU").r == pytest.approx(93.2)
    assert e_model_rating("PCMU").mos == pytest.approx(4.41, abs=0.01)
    assert e_model_rating("GSM").mos == pytest.approx(3.46, abs=0.1)
    assert e_model_rating("PCMU", delay_ms=400).r < 93.2 - 0.024 * 400 - 20


@given(
    codec=st.sampled_from(sorted(CODECS)),
    loss=st.floats(0, 99),
    more=st.floats(0.1, 1),
    delay=st.floats(0, 900),
)
def test_more_loss_or_delay_never_improves_the_rating(codec: str, loss: float, more: float, delay: float) -> None:
    here = e_model_rating(codec, loss_percent=loss, delay_ms=delay)
    assert e_model_rating(codec, loss_percent=min(100, loss + more), delay_ms=delay).r <= here.r
    assert e_model_rating(codec, loss_percent=loss, delay_ms=delay + 10).r < here.r
    assert e_model_rating(codec, loss_percent=loss, delay_ms=delay, burst_ratio=2).r <= here.r
    assert 1 <= here.mos <= 4.42


def test_a_call_is_rated_by_its_counters() -> None:
    fine = rating_of_statistics(statistics(received_packets=500, round_trip_ms=20, jitter_ms=2), "PCMU")
    assert (fine.loss_percent, fine.delay_ms) == (0, 34)
    bad = rating_of_statistics(statistics(received_packets=900, lost_packets=100, discarded_packets=50), "pcma")
    assert bad.loss_percent == pytest.approx(15)
    assert bad.mos == pytest.approx(2.95, abs=0.01)
    assert fine.mos > 4.3
    assert rating_of_statistics(statistics(), "opus").loss_percent == 100
    assert rating_of_statistics(statistics(received_packets=1), "opus", delay_ms=300).delay_ms == 300


def test_a_rating_is_printed_with_its_causes() -> None:
    assert str(e_model_rating("PCMU", loss_percent=1, delay_ms=50)) == "MOS 4.30 (R 88, 1.0% lost, 50 ms)"


@pytest.mark.parametrize(
    ("codec", "fields"),
    [
        ("MP3", {}),
        ("PCMU", {"loss_percent": 101}),
        ("PCMU", {"loss_percent": -1}),
        ("PCMU", {"delay_ms": -1}),
        ("PCMU", {"burst_ratio": 0.5}),
    ],
)
def test_values_out_of_range_are_refused(codec: str, fields: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError):
        e_model_rating(codec, **fields)
