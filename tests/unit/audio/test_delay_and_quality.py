"""Delays by correlation, and what listeners would say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.audio.delay import delay_ms, find
from simulator.audio.g711 import Law, over_the_wire
from simulator.audio.noise import noise, silence
from simulator.audio.quality import CODECS, rated, rated_from
from simulator.audio.samples import joined, mixed
from simulator.audio.speech import babble
from simulator.audio.tones import chirp
from simulator.errors import ConfigurationError
from simulator.useragent.messages import Statistics


@settings(max_examples=40, deadline=None)
@given(
    late=st.integers(0, 16000),
    law=st.sampled_from(("PCMU", "PCMA")),
    dbfs=st.floats(-35, -3),
    seed=st.integers(0, 1000),
)
def test_a_chirp_tells_its_delay_through_noise_and_companding(late: int, law: Law, dbfs: float, seed: int) -> None:
    heard = joined(np.zeros(late), chirp(dbfs=dbfs), silence(0.5))
    heard = mixed(heard, noise(len(heard) / 16000, dbfs - 15, seed=seed))
    found = delay_ms(chirp(), over_the_wire(heard, 16000, law), 16000)
    assert found == pytest.approx(late / 16, abs=0.1)


def test_talk_over_a_chirp_does_not_hide_it() -> None:
    heard = mixed(joined(silence(0.2), chirp(dbfs=-12)), babble(1, -24, seed=3))
    assert delay_ms(chirp(), heard, 16000) == pytest.approx(200, abs=0.2)


@pytest.mark.parametrize("other", [silence(2), noise(2, -20), babble(2, seed=5), np.zeros(10), np.zeros(0)])
def test_what_was_not_said_is_not_found(other: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    assert delay_ms(chirp(), other, 16000) is None


def test_half_a_chirp_is_not_heard_yet() -> None:
    found = find(chirp(), joined(silence(0.3), chirp()[:2000]))
    assert found is None or found.likeness < 0.5


def counted(**fields: float) -> Statistics:
    nothing = dict.fromkeys(Statistics.model_fields, 0)
    return Statistics.model_validate(nothing | fields)


def test_figures_of_the_standard() -> None:
    assert rated("PCMU").r == pytest.approx(93.2)
    assert rated("PCMU").mos == pytest.approx(4.41, abs=0.01)
    assert rated("GSM").mos == pytest.approx(3.46, abs=0.1)
    assert rated("PCMU", delay_ms=400).r < 93.2 - 0.024 * 400 - 20


@given(
    codec=st.sampled_from(sorted(CODECS)),
    loss=st.floats(0, 99),
    more=st.floats(0.1, 1),
    delay=st.floats(0, 900),
)
def test_more_loss_and_more_delay_are_never_better(codec: str, loss: float, more: float, delay: float) -> None:
    here = rated(codec, loss_percent=loss, delay_ms=delay)
    assert rated(codec, loss_percent=min(100, loss + more), delay_ms=delay).r <= here.r
    assert rated(codec, loss_percent=loss, delay_ms=delay + 10).r < here.r
    assert rated(codec, loss_percent=loss, delay_ms=delay, burst_ratio=2).r <= here.r
    assert 1 <= here.mos <= 4.42


def test_from_counters() -> None:
    fine = rated_from(counted(received_packets=500, round_trip_ms=20, jitter_ms=2), "PCMU")
    assert (fine.loss_percent, fine.delay_ms) == (0, 34)
    bad = rated_from(counted(received_packets=900, lost_packets=100, discarded_packets=50), "pcma")
    assert bad.loss_percent == pytest.approx(15)
    assert bad.mos == pytest.approx(2.95, abs=0.01)
    assert fine.mos > 4.3
    assert rated_from(counted(), "opus").loss_percent == 100
    assert rated_from(counted(received_packets=1), "opus", delay_ms=300).delay_ms == 300


def test_it_reads_well() -> None:
    assert str(rated("PCMU", loss_percent=1, delay_ms=50)) == "MOS 4.30 (R 88, 1.0% lost, 50 ms)"


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
def test_values_that_make_no_sense(codec: str, fields: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError):
        rated(codec, **fields)
