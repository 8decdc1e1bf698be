"""The mixer computes the exact sum of the speakers that each listener hears, limited to 16 bits."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_daily_server.media.audio_frame import FRAME_SAMPLES
from fake_daily_server.media.mixer import Mixer

NAMES = ("ann", "bob", "cid", "dan")


def speak(mixer: Mixer, *values: int) -> None:
    """Fill the frame of each speaker with one value."""
    for row, value in enumerate(values):
        mixer.spoken[row] = value


def mixed(mixer: Mixer) -> list[int]:
    """Mix, and return the value that each listener hears throughout the frame."""
    frames = [np.array(frame) for frame in mixer.mix()]
    assert all(frame.dtype == np.int16 and frame.shape == (FRAME_SAMPLES,) for frame in frames)
    assert all((frame == frame[0]).all() for frame in frames)
    return [int(frame[0]) for frame in frames]


def test_each_listener_hears_the_sum_of_the_others_and_not_itself() -> None:
    mixer = Mixer(NAMES, NAMES)
    speak(mixer, 1, 20, 300, 4000)
    assert mixed(mixer) == [4320, 4301, 4021, 321]


def test_a_mixer_can_be_used_in_every_tick() -> None:
    mixer = Mixer(NAMES, NAMES)
    for step in range(5):
        speak(mixer, step, 10 * step, 100 * step, 1000 * step)
        assert mixed(mixer) == [1110 * step, 1101 * step, 1011 * step, 111 * step]


@pytest.mark.parametrize("count", range(5))
def test_it_mixes_any_number_of_parties(count: int) -> None:
    mixer = Mixer(NAMES[:count], NAMES[:count])
    speak(mixer, *range(1, count + 1))
    total = sum(range(1, count + 1))
    assert mixed(mixer) == [total - own for own in range(1, count + 1)]


@pytest.mark.parametrize(
    ("others", "heard"),
    [
        ((32767, 1), 32767),
        ((32767, 32767), 32767),
        ((-32768, -1), -32768),
        ((-32768, -32768), -32768),
        ((32767, -32768), -1),
        ((20000, 12767), 32767),
        ((-20000, -12768), -32768),
    ],
)
def test_sums_are_limited_and_do_not_overflow(others: tuple[int, int], heard: int) -> None:
    mixer = Mixer(NAMES[:3], NAMES[:3])
    speak(mixer, 0, *others)
    assert mixed(mixer)[0] == heard


def test_only_the_final_sum_is_limited() -> None:
    mixer = Mixer(NAMES, NAMES)
    speak(mixer, 0, 32767, 32767, -32768)
    assert mixed(mixer)[0] == 32766


def test_sixty_loud_parties_are_limited_to_16_bits() -> None:
    names = [f"p{number}" for number in range(60)]
    mixer = Mixer(names, names)
    speak(mixer, *([32767] * 59), -32768)
    assert mixed(mixer) == [32767] * 60


@pytest.mark.parametrize("blocked", list(itertools.product([False, True], repeat=6)))
def test_every_rule_for_three_parties_is_followed(blocked: tuple[bool, ...]) -> None:
    pairs = list(itertools.permutations(NAMES[:3], 2))
    refused = {pair for pair, is_blocked in zip(pairs, blocked, strict=True) if is_blocked}
    mixer = Mixer(NAMES[:3], NAMES[:3], lambda one, other: one != other and (one, other) not in refused)
    levels = dict(zip(NAMES, (1, 10, 100), strict=False))
    speak(mixer, *levels.values())
    assert mixed(mixer) == [
        sum(levels[other] for other in NAMES[:3] if other != one and (one, other) not in refused) for one in NAMES[:3]
    ]


def test_a_rule_may_let_a_party_hear_itself() -> None:
    mixer = Mixer(NAMES[:2], NAMES[:2], lambda one, other: True)
    speak(mixer, 5, 7)
    assert mixed(mixer) == [12, 12]


def test_speakers_need_not_listen_and_listeners_need_not_speak() -> None:
    mixer = Mixer(["music", "ann"], ["ann", "bob"])
    speak(mixer, 100, 1)
    assert mixed(mixer) == [100, 101]


def test_a_listener_who_hears_no_speaker_gets_silence() -> None:
    mixer = Mixer(["ann"], ["ann", "bob"])
    speak(mixer, 9)
    assert mixed(mixer) == [0, 9]


@given(
    samples=st.lists(
        st.lists(st.integers(-32768, 32767), min_size=FRAME_SAMPLES // 64, max_size=FRAME_SAMPLES // 64),
        min_size=1,
        max_size=6,
    ),
    data=st.data(),
)
def test_any_mix_equals_the_sum_of_samples_one_by_one(samples: list[list[int]], data: st.DataObject) -> None:
    names = [f"p{number}" for number in range(len(samples))]
    hears = data.draw(st.lists(st.booleans(), min_size=len(names) ** 2, max_size=len(names) ** 2))
    table = dict(zip(itertools.product(names, names), hears, strict=True))
    mixer = Mixer(names, names, lambda one, other: table[one, other])
    frames: npt.NDArray[np.int16] = np.array([np.resize(row, FRAME_SAMPLES) for row in samples], np.int16)
    mixer.spoken[:] = frames
    for listener, heard in zip(names, mixer.mix(), strict=True):
        exact = sum((frames[row].astype(int) for row, name in enumerate(names) if table[listener, name]), start=0)
        assert (heard == np.clip(np.broadcast_to(exact, FRAME_SAMPLES), -32768, 32767)).all()
