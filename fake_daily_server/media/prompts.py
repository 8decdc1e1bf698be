"""What can be played to a leg: ring-back, hold music, beeps, stand-ins for spoken text, files. Loads numpy.

All of it is 16-bit mono at 16 kHz, and the same every time.
"""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fake_daily_server.media.legs import RATE
from simulator.audio import speech, tones
from simulator.audio.samples import Signal, as_pcm, faded, joined, mixed, sample_times
from simulator.audio.wav import read_wav
from simulator.errors import ConfigurationError

if TYPE_CHECKING:
    from fake_daily_server.media.legs import Frame

_SCALE = (523.25, 587.33, 659.25, 783.99, 880.0, 1046.5)
"""C5 D5 E5 G5 A5 C6: no two of these are hard to tell apart, and no two make a DTMF pair."""
_MELODY = (0, 2, 3, 4, 3, 2, 1, 3, 0, 3, 4, 5, 4, 3, 2, 1)
_BASS = (261.63, 220.0, 174.61, 196.0)
"""C4 A3 F3 G3, four notes of the melody each."""
_NOTE_SECONDS = 0.3
_SIGNATURE_NOTES = 3
_SIGNATURE_SECONDS = 0.12


def ring_back(rings: int = 1) -> Frame:
    """440 + 480 Hz, 2 s on and 4 s off for each ring (ITU-T E.180, North America)."""
    return as_pcm(tones.ring_back(rings))


def beep(hz: float = 1000, seconds: float = 0.3) -> Frame:
    """One soft-edged tone, as before a recording."""
    return as_pcm(faded(tones.tone(hz, seconds, -15), RATE))


def hold_music() -> Frame:
    """4.8 s of a pentatonic melody over four bass notes, made to be looped."""
    melody = joined(*(_note(_SCALE[step], _NOTE_SECONDS, -20) for step in _MELODY))
    bass = joined(*(_note(hz, 4 * _NOTE_SECONDS, -26) for hz in _BASS))
    return as_pcm(mixed(melody, bass))


def spoken(text: str) -> Frame:
    """A stand-in for a spoken text: three notes that belong to this text, then babble as long as saying it takes.

    Nothing here can speak. The notes tell by ear and by measurement which text it was: see `signature`.
    """
    notes = joined(*(_note(hz, _SIGNATURE_SECONDS, -16) for hz in signature(text)))
    return as_pcm(joined(notes, np.zeros(RATE // 20), speech.spoken(text)))


def signature(text: str) -> tuple[float, ...]:
    """The three frequencies in Hz, no two neighbours alike, that `spoken(text)` begins with."""
    return tuple(_steps(zlib.crc32(text.encode())))


def _steps(number: int) -> Iterator[float]:
    choice: Sequence[float] = _SCALE
    for _ in range(_SIGNATURE_NOTES):
        number, at = divmod(number, len(choice))
        yield choice[at]
        choice = [hz for hz in _SCALE if hz != choice[at]]


def read(path: str | Path) -> Frame:
    """A sound file: WAV of 16-bit PCM at any rate, and with PyAV installed whatever FFmpeg decodes, such as MP3.

    Raises ConfigurationError for a file that cannot be read.
    """
    if Path(path).suffix.lower() == ".wav":
        return read_wav(path, rate=RATE)[0]
    try:
        av = importlib.import_module("av")
    except ImportError:
        raise ConfigurationError("path", str(path), "a .wav file; other kinds need PyAV (pip install av)") from None
    return _decoded(av, Path(path))


def _decoded(av: Any, path: Path) -> Frame:
    try:
        with av.open(str(path)) as container:
            resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
            decoded = [*container.decode(audio=0), None]
            frames = [out.to_ndarray().reshape(-1) for frame in decoded for out in resampler.resample(frame)]
    except (av.FFmpegError, OSError, IndexError) as error:
        raise ConfigurationError("path", str(path), f"a readable sound file ({error})") from error
    if not frames:
        raise ConfigurationError("path", str(path), "a sound file that is not empty")
    return np.concatenate(frames).astype(np.int16)


def _note(hz: float, seconds: float, dbfs: float) -> Signal:
    """A plucked note: the tone and its octave, dying away."""
    times = sample_times(seconds, RATE)
    tone = tones.tone(hz, seconds, dbfs) + tones.tone(2 * hz, seconds, dbfs - 12)
    return faded(tone * np.exp(-3 * times / max(seconds, 1e-9)), RATE)
