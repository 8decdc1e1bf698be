"""Background noise: its level, and that a seed gives the same samples."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.audio.background import Background, background, telephone_level
from simulator.audio.speech_detector import has_speech
from simulator.noise_spec import NoiseSpec

KINDS: tuple[Any, ...] = ("street", "babble", "hum", "clicks")


@pytest.mark.parametrize("kind", KINDS)
def test_the_level_is_the_ratio_below_speech(kind: Any) -> None:
    assert telephone_level(background(NoiseSpec(kind=kind, snr_db=12), 16000), 16000) == pytest.approx(-32, abs=1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_gives_the_same_noise(kind: Any) -> None:
    one, same, other = (background(NoiseSpec(kind=kind, seed=seed), 16000) for seed in (1, 1, 2))
    assert (one == same).all()
    assert not (one == other).all()


@pytest.mark.parametrize("kind", ["street", "hum", "clicks"])
def test_noise_is_not_speech(kind: Any) -> None:
    assert not has_speech(background(NoiseSpec(kind=kind, snr_db=0), 16000)[:16000])


def test_the_noise_goes_on_for_ever() -> None:
    noise = Background(background(NoiseSpec(kind="hum"), 16000))
    first = noise.take(160_000)
    assert (noise.take(320) == first[:320]).all()
