"""Reads and writes WAV files of 16-bit PCM."""

from __future__ import annotations

import contextlib
import wave
from pathlib import Path

import numpy as np

from simulator.audio.resampling import resampled
from simulator.audio.samples import Pcm, Sound, as_pcm
from simulator.errors import ConfigurationError

_USABLE = "a readable WAV file of 16-bit PCM"


def read_wav(path: str | Path, *, rate: int | None = None) -> tuple[Pcm, int]:
    """Read the samples of a file and their rate, converted to `rate` if given. Channels are averaged.

    Raises ConfigurationError if the file cannot be read or has another format.
    """
    try:
        if Path(path).exists() and not Path(path).is_file():  # opening a pipe would wait for its writer
            raise ConfigurationError("path", str(path), f"{_USABLE} (it is no regular file)")
        with contextlib.closing(wave.open(str(path), "rb")) as file:
            width, channels, found = file.getsampwidth(), file.getnchannels(), file.getframerate()
            frames = file.readframes(file.getnframes())
    except (OSError, EOFError, wave.Error, ValueError) as error:  # ValueError: a NUL in the path
        raise ConfigurationError("path", str(path), f"{_USABLE} ({error})") from error
    if width != 2:
        raise ConfigurationError("path", str(path), f"{_USABLE}; it has {8 * width} bits")
    data = np.frombuffer(frames, "<i2").reshape(-1, channels)
    sound = data[:, 0].astype(np.int16) if channels == 1 else np.rint(data.mean(axis=1)).astype(np.int16)
    if rate is None or rate == found:
        return sound, found
    return as_pcm(resampled(sound, found, rate)), rate


def write_wav(path: str | Path, sound: Sound, rate: int) -> Path:
    """Write a mono file, and return its path."""
    with contextlib.closing(wave.open(str(path), "wb")) as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(as_pcm(sound).astype("<i2").tobytes())
    return Path(path)
