"""What is kept of a failed expectation: the sound as a WAV file, a picture of it, and a few words."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path

from simulator.audio.levels import SILENCE_DBFS, level_dbfs, silence_ratio
from simulator.audio.samples import Sound
from simulator.audio.spectrogram import spectrogram
from simulator.audio.spectrum import strongest
from simulator.audio.speech_finder import has_speech
from simulator.audio.wav import write_wav

FOLDER = Path(".daily-sim") / "audio"
"""Where evidence is kept, from the current directory on."""
_LOOKED_AT_SECONDS = 2
_STANDS_OUT_DB = 18.0
"""A frequency that is quieter than the whole by more is not what it sounds like."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was kept, and where."""

    wav: Path
    picture: Path
    words: str

    def __str__(self) -> str:
        return f"kept: {self.wav}, {self.picture}"


def described(sound: Sound, rate: int) -> str:
    """What a piece of sound is: silence, speech, or its strongest frequencies; and how loud."""
    if len(sound) == 0:
        return "nothing at all"
    level = level_dbfs(sound)
    if level < SILENCE_DBFS:
        return f"silence ({level:.0f} dBFS)"
    last = sound[-_LOOKED_AT_SECONDS * rate :]
    said = [f"level {level:.0f} dBFS"]
    if quiet := round(100 * silence_ratio(sound, rate)):
        said.append(f"{quiet}% of it silent")
    if has_speech(last, rate):
        what = "speech"
    else:
        peaks = strongest(last, rate, count=3, above_dbfs=max(SILENCE_DBFS, level_dbfs(last) - _STANDS_OUT_DB))
        what = ", ".join(map(str, peaks)) or "noise"
    return f"{what} ({', '.join(said)})"


def kept(sound: Sound, rate: int, name: str) -> Evidence:
    """Write both files under a name that nothing else has, and say what they show."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    stem = f"{time.strftime('%Y%m%d-%H%M%S')}-{re.sub(r'[^A-Za-z0-9]+', '-', name).strip('-')[:60]}"
    wav = _unused(stem)
    picture = wav.with_suffix(".png")
    write_wav(wav, sound, rate)
    picture.write_bytes(spectrogram(sound, rate))
    return Evidence(wav, picture, described(sound, rate))


def _unused(stem: str) -> Path:
    """A new empty file; other processes keep evidence, too."""
    for number in range(1, 10_000):
        path = FOLDER / f"{stem}{'' if number == 1 else f'-{number}'}.wav"
        try:
            path.touch(exist_ok=False)
        except FileExistsError:
            continue
        return path
    raise FileExistsError(f"{FOLDER} is full of {stem}")
