"""What a failed wait for sound says of the nearest piece: which field has which value, and which was expected."""

from __future__ import annotations

import re

import pytest

from simulator.audio.noise import noise, silence
from simulator.audio.samples import RATE, Sound, joined
from simulator.audio.sound_misses import silence_missed, speech_missed, tones_missed
from simulator.audio.tones import chord, tone
from simulator.differences import because

LACKS_880 = "880 Hz at 0.6 s: -100 dBFS, 0 dB above its neighbourhood, expected a steady tone of 0.3 s"
HAS_440 = "440 Hz at 0.6 s: -20 dBFS, expected absent"


def tones(sound: Sound, *wanted: float, alone: bool = True) -> str | None:
    return because(tones_missed(sound, RATE, frozenset(wanted), alone=alone, seconds=0.3, tolerance_hz=5))


@pytest.mark.parametrize(
    ("sound", "alone", "said"),
    [
        (tone(440, 1), True, f"{LACKS_880}; {HAS_440}"),
        (tone(440, 1), False, LACKS_880),
        (chord([440, 880], 1), True, HAS_440),
    ],
)
def test_a_missing_tone_and_another_one_have_their_levels(sound: Sound, alone: bool, said: str) -> None:
    assert tones(joined(sound, silence(1)), 880, alone=alone) == said


def test_the_nearest_piece_is_the_one_in_which_the_wanted_tone_is_loudest() -> None:
    said = tones(joined(silence(1), tone(880, 0.2), silence(1)), 880) or ""
    assert re.fullmatch(r"880 Hz at (0\.9|1\.0) s: -2\d dBFS, \d\d dB above its neighbourhood, expected .*", said)


def test_a_tone_that_is_not_to_be_heard_is_named() -> None:
    assert tones(tone(440, 1)) == HAS_440


def test_the_longest_silence_has_its_length_and_the_level_that_ended_it() -> None:
    sound = joined(tone(440, 0.2), silence(0.4), tone(440, 1, -23), silence(0.2))
    assert because(silence_missed(sound, RATE, seconds=1, below_dbfs=-50)) == (
        "silence at 0.2 s: 0.40 s, expected 1 s; level at 0.6 s: -23 dBFS, expected below -50 dBFS"
    )


def test_silence_that_is_too_short_at_the_end_was_not_ended() -> None:
    sound = joined(tone(440, 1), silence(0.5))
    assert because(silence_missed(sound, RATE, seconds=1, below_dbfs=-50)) == "silence at 1.0 s: 0.50 s, expected 1 s"


@pytest.mark.parametrize(
    ("sound", "fields"),
    [
        (tone(440, 2), ["voiced sound", "tonal sound", "variation of the level"]),
        (noise(2, -30), ["voiced sound", "variation of the level"]),
        (silence(2), ["voiced sound", "variation of the level"]),
    ],
)
def test_what_is_not_speech_lacks_its_features(sound: Sound, fields: list[str]) -> None:
    assert [each.field for each in speech_missed(sound, RATE, seconds=0.8)] == fields


def test_audio_that_is_shorter_than_a_piece_has_no_nearest_one() -> None:
    assert tones(silence(0.1), 880) is None
    assert speech_missed(silence(0.1), RATE, seconds=0.8) == []
