"""`python -m simulator.speech.espeak_process LIBRARY DATA VOICE`: says texts with libespeak-ng.

A process of its own, because libespeak-ng has the GPL. Each line on stdin is a text as a JSON string; the answer on
stdout is the sampling rate and the number of bytes, two unsigned 32-bit integers, and so many bytes of 16-bit mono PCM.
Each text is said by a fork of this process, because the library draws random numbers: so a text always sounds the same.
"""

from __future__ import annotations

import ctypes
import json
import os
import struct
import sys
from pathlib import Path

_SYNCHRONOUS = 2
_UTF8 = 1
_FROM_CHARACTER = 1
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class Espeak:
    """libespeak-ng, with one of its voices."""

    def __init__(self, library: str, data: str, voice: str) -> None:
        self._library = ctypes.CDLL(library)
        self.rate: int = self._library.espeak_Initialize(_SYNCHRONOUS, 0, str(Path(data).parent).encode(), 0)
        if self.rate <= 0 or self._library.espeak_SetVoiceByName(voice.encode()):
            raise SystemExit(f"libespeak-ng has no voice {voice!r}, or cannot read its data in {data}")
        self._pcm = bytearray()
        self._callback = _Callback(self._take)  # kept: the library has only a pointer to it
        self._library.espeak_SetSynthCallback(self._callback)

    def say(self, text: str) -> bytes:
        """Return the text as 16-bit mono PCM at `rate`."""
        self._pcm.clear()
        data = text.encode()
        self._library.espeak_Synth(data, len(data) + 1, 0, _FROM_CHARACTER, 0, _UTF8, None, None)
        self._library.espeak_Synchronize()
        return bytes(self._pcm)

    def _take(self, samples: ctypes._Pointer[ctypes.c_short], count: int, _events: int) -> int:
        if samples and count > 0:
            self._pcm += ctypes.string_at(samples, count * 2)
        return 0


def main() -> None:
    """Say each text on stdin, until it ends."""
    espeak = Espeak(*sys.argv[1:4])
    for line in sys.stdin:
        text = json.loads(line)
        child = os.fork()
        if child:
            os.waitpid(child, 0)
            continue
        pcm = espeak.say(text)
        sys.stdout.buffer.write(struct.pack("<II", espeak.rate, len(pcm)) + pcm)
        sys.stdout.buffer.flush()
        os._exit(0)


if __name__ == "__main__":
    main()
