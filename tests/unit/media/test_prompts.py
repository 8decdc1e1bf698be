"""What the server can play: tones, music, stand-ins for announcements, and files."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from fake_daily_server.media import prompts
from simulator.audio.speech_detector import has_speech
from simulator.audio.tone_detector import level_at
from simulator.audio.tones import tone
from simulator.audio.wav import write_wav
from simulator.errors import ConfigurationError
from tests.unit.media.fakes import Frame

TEXTS = ["Please hold the line.", "Nobody is here.", "Enter the conference code.", "Goodbye."]


@pytest.mark.parametrize(
    ("sound", "seconds"),
    [(prompts.ring_back(), 6.0), (prompts.beep(), 0.3), (prompts.hold_music(), 4.8)],
    ids=["ring-back", "beep", "hold music"],
)
def test_prompts_are_16_bit_and_neither_silent_nor_clipped(sound: Frame, seconds: float) -> None:
    assert sound.dtype == np.int16
    assert len(sound) == seconds * 16000
    assert 2000 < np.abs(sound.astype(int)).max() < 30000


def test_ring_back_is_440_and_480_hz() -> None:
    ringing = prompts.ring_back()[:16000]
    assert level_at(ringing, 440) > -25
    assert level_at(ringing, 480) > -25


@pytest.mark.parametrize("text", TEXTS)
def test_an_announcement_begins_with_its_notes_and_continues_as_speech(text: str) -> None:
    sound = prompts.announcement(text)
    assert (sound == prompts.announcement(text)).all()
    notes = np.split(sound[: 3 * 1920], 3)
    for note, hz in zip(notes, prompts.announcement_notes(text), strict=True):
        others = {level_at(note, other) for other in (523.25, 659.25, 880.0, 1046.5) if abs(other - hz) > 100}
        assert level_at(note, hz) > max(others) + 6
    assert has_speech(sound[3 * 1920 :])


def test_different_texts_have_different_notes() -> None:
    notes_of_all = [prompts.announcement_notes(text) for text in TEXTS]
    assert len(set(notes_of_all)) == len(TEXTS)
    assert all(one != other for notes in notes_of_all for one, other in itertools.pairwise(notes))


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
def test_a_wav_file_of_any_rate_is_read(tmp_path: Path, rate: int) -> None:
    sound = prompts.from_file(write_wav(tmp_path / "tone.wav", tone(700, 0.5, rate=rate), rate))
    assert abs(len(sound) - 8000) <= 1
    assert level_at(sound, 700) == pytest.approx(-20, abs=1)


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    junk = tmp_path / "sound.mp3"
    junk.write_bytes(b"no audio at all")
    with pytest.raises(ConfigurationError, match="readable audio file"):
        prompts.from_file(junk)
    with pytest.raises(ConfigurationError, match="16-bit PCM"):
        prompts.from_file(tmp_path / "missing.wav")


def test_an_mp3_file_is_read(tmp_path: Path) -> None:
    import av

    path = tmp_path / "tone.mp3"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mp3", rate=44100, layout="mono")
        samples = (8000 * np.sin(2 * np.pi * 700 * np.arange(44100) / 44100)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.rate = 44100
        resampler = av.AudioResampler(format=stream.format.name, layout="mono", rate=44100)
        for encoded in (packet for ready in resampler.resample(frame) for packet in stream.encode(ready)):
            container.mux(encoded)
        container.mux(stream.encode(None))
    sound = prompts.from_file(path)
    assert level_at(sound[2000:14000], 700) == pytest.approx(-12.2, abs=1)
