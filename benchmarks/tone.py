"""A WAV file with a tone, for calls to play."""

from __future__ import annotations

import math
import struct
import wave
from pathlib import Path

_RATE = 8000


def write_tone(path: Path, *, hertz: int) -> Path:
    """Write one second of a sine, 16-bit mono at 8 kHz, in whole periods so that it can loop. Returns `path`."""
    samples = [round(8000 * math.sin(2 * math.pi * hertz * at / _RATE)) for at in range(_RATE)]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(struct.pack(f"<{_RATE}h", *samples))
    return path
