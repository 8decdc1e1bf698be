"""Evidence of a failed audio expectation: the received audio as a WAV file, its spectrogram, and a description."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path

from simulator.audio.levels import SILENCE_DBFS, level_dbfs, silence_ratio
from simulator.audio.samples import Sound
from simulator.audio.spectrogram import spectrogram
from simulator.audio.spectrum import strongest
from simulator.audio.speech_detector import has_speech
from simulator.audio.wav import write_wav
from simulator.kept_files import kept_files_folder

_DESCRIBED_SECONDS = 2
"""Seconds at the end of the audio that are examined for frequencies."""
_STANDS_OUT_DB = 18.0
"""Frequencies more than this below the level of the audio are not mentioned."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The files that were kept, and a description of the audio."""

    wav: Path
    picture: Path
    description: str

    def __str__(self) -> str:
        return f"kept: {self.wav}, {self.picture}"


def describe(sound: Sound, rate: int) -> str:
    """Describe the content (silence, speech, noise, or the strongest frequencies) and the level of the audio."""
    if len(sound) == 0:
        return "nothing at all"
    level = level_dbfs(sound)
    if level < SILENCE_DBFS:
        return f"silence ({level:.0f} dBFS)"
    end = sound[-_DESCRIBED_SECONDS * rate :]
    facts = [f"level {level:.0f} dBFS"]
    if quiet := round(100 * silence_ratio(sound, rate)):
        facts.append(f"{quiet}% of it silent")
    if has_speech(end, rate):
        content = "speech"
    else:
        peaks = strongest(end, rate, count=3, above_dbfs=max(SILENCE_DBFS, level_dbfs(end) - _STANDS_OUT_DB))
        content = ", ".join(map(str, peaks)) or "noise"
    return f"{content} ({', '.join(facts)})"


def keep_evidence(sound: Sound, rate: int, name: str) -> Evidence:
    """Write a WAV file and a spectrogram, named after the time and `name`, and describe the audio."""
    folder = kept_files_folder("audio")
    stem = f"{time.strftime('%Y%m%d-%H%M%S')}-{re.sub(r'[^A-Za-z0-9]+', '-', name).strip('-')[:60]}"
    wav = _new_file(folder, stem)
    picture = wav.with_suffix(".png")
    write_wav(wav, sound, rate)
    picture.write_bytes(spectrogram(sound, rate))
    return Evidence(wav, picture, describe(sound, rate))


def _new_file(folder: Path, stem: str) -> Path:
    """Create an empty WAV file under a name that no other process has taken."""
    for number in range(1, 10_000):
        path = folder / f"{stem}{'' if number == 1 else f'-{number}'}.wav"
        try:
            path.touch(exist_ok=False)
        except FileExistsError:
            continue
        return path
    raise FileExistsError(f"{folder} has 9999 files named {stem}; delete some")
