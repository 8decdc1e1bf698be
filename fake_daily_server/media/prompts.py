"""Sounds to play to a leg: ring-back, hold music, beeps, stand-ins for announcements, files. Loads numpy.

Every function returns 16-bit mono samples at 16 kHz, identical in every run.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fake_daily_server.media.audio_frame import SAMPLE_RATE
from simulator.audio import babble as speech
from simulator.audio import music, tones
from simulator.audio.samples import as_pcm, faded, joined
from simulator.audio.wav import read_wav
from simulator.errors import ConfigurationError

if TYPE_CHECKING:
    from fake_daily_server.media.audio_frame import Frame

_ANNOUNCEMENT_NOTES = 3
_ANNOUNCEMENT_NOTE_SECONDS = 0.12


def ring_back(rings: int = 1) -> Frame:
    """Return the North American ring-back tone (ITU-T E.180): for each ring, 440 + 480 Hz for 2 s, then 4 s silence."""
    return as_pcm(tones.ring_back(rings))


def beep(hz: float = 1000, seconds: float = 0.3) -> Frame:
    """Return one tone that fades in and out, like the one before a recording."""
    return as_pcm(faded(tones.tone(hz, seconds, -15), SAMPLE_RATE))


def hold_music() -> Frame:
    """Return 4.8 s of a pentatonic melody over four bass notes, made to be looped."""
    return music.hold_music()


def announcement(text: str) -> Frame:
    """Return a stand-in for a spoken text: three notes, then speech-like sound for as long as the text takes to say.

    There is no speech synthesis here. The notes depend on the text (`announcement_notes`), so that a test, or a
    listener, can tell which text was played.
    """
    notes = joined(*(music.note(hz, _ANNOUNCEMENT_NOTE_SECONDS, -16) for hz in announcement_notes(text)))
    return as_pcm(joined(notes, np.zeros(SAMPLE_RATE // 20), speech.spoken(text)))


def announcement_notes(text: str) -> tuple[float, ...]:
    """The frequencies, in Hz, of the three notes that begin `announcement(text)`; consecutive notes differ."""
    return tuple(_notes_of(zlib.crc32(text.encode())))


def _notes_of(number: int) -> Iterator[float]:
    choice: Sequence[float] = music.SCALE
    for _ in range(_ANNOUNCEMENT_NOTES):
        number, at = divmod(number, len(choice))
        yield choice[at]
        choice = [hz for hz in music.SCALE if hz != choice[at]]


def from_file(path: str | Path) -> Frame:
    """Read an audio file: 16-bit PCM WAV at any rate, or any other format that FFmpeg decodes, such as MP3.

    Raises ConfigurationError if the file cannot be read.
    """
    if Path(path).suffix.lower() == ".wav":
        return read_wav(path, rate=SAMPLE_RATE)[0]
    return _decoded(Path(path))


def _decoded(path: Path) -> Frame:
    import av  # noqa: PLC0415  # only for files that are not WAV

    try:
        with av.open(str(path)) as container:
            resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
            decoded = [*container.decode(audio=0), None]
            frames = [out.to_ndarray().reshape(-1) for frame in decoded for out in resampler.resample(frame)]
    except (av.FFmpegError, OSError, IndexError) as error:
        raise ConfigurationError("path", str(path), f"a readable audio file ({error})") from error
    if not frames:
        raise ConfigurationError("path", str(path), "an audio file that is not empty")
    return np.concatenate(frames).astype(np.int16)
