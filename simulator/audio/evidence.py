"""Evidence of a failed audio expectation: the received audio as a WAV file, its spectrogram, and a description."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path

from simulator.audio.heard_sections import describe
from simulator.audio.samples import Sound
from simulator.audio.spectrogram import spectrogram
from simulator.audio.wav import write_wav
from simulator.kept_files import kept_files_folder


@dataclass(frozen=True, slots=True)
class Evidence:
    """The files that were kept, and a description of the audio."""

    wav: Path
    picture: Path
    description: str

    def __str__(self) -> str:
        return f"{self.wav}, {self.picture}"


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
