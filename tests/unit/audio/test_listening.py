"""What a listener makes of a sound that lost packets have torn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np
import pytest

from simulator.audio.audio_line import AudioLine
from simulator.audio.babble import babble
from simulator.audio.listening import HeardSound, Listening
from simulator.audio.noise import noise
from simulator.audio.samples import RATE, Signal, as_pcm, joined
from simulator.audio.tones import chord, tone


async def heard(sound: Signal) -> HeardSound:
    line = AudioLine("ann", send=lambda _: None)
    listening = Listening(line)
    line.received.receive(as_pcm(joined(sound, np.zeros(RATE))))
    async with asyncio.timeout(5):
        found = await listening.next()
    assert found is not None
    return found


def whole(sound: Signal) -> Signal:
    return sound


def with_a_hole(sound: Signal) -> Signal:
    return np.where(np.abs(np.arange(len(sound)) - 0.4 * len(sound)) > 0.05 * RATE, sound, 0)


def with_a_piece_missing(sound: Signal) -> Signal:
    at = int(0.6 * len(sound))
    return np.concatenate([sound[:at], sound[at + 1234 :]])


def with_a_pause(sound: Signal) -> Signal:
    return np.insert(sound, len(sound) // 2, np.zeros(RATE // 5))


@pytest.mark.parametrize("torn", [whole, with_a_hole, with_a_piece_missing, with_a_pause])
@pytest.mark.parametrize("hz", [(440,), (350, 440), (697, 1209), (1100,)])
async def test_a_tone_is_a_tone_though_a_piece_of_it_was_lost(
    torn: Callable[[Signal], Signal], hz: tuple[int, ...]
) -> None:
    found = await heard(torn(chord(hz, 1.5)))
    assert found.kind == "tone"
    assert sorted(found.hz) == pytest.approx(hz, abs=2)


async def test_tones_in_turn_are_all_named() -> None:
    found = await heard(joined(*(tone(hz, 0.33) for hz in (950, 1400, 1800))))
    assert found.kind == "tone"
    assert sorted(found.hz) == pytest.approx([950, 1400, 1800], abs=2)


async def test_noise_and_speech_are_no_tones() -> None:
    for seed in range(20):
        assert (await heard(noise(1.5, -20, seed=seed))).kind == "noise"
        assert (await heard(babble(1.5, seed=seed))).kind == "speech"
