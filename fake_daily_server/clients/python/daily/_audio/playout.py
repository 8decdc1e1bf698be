"""What the selected speaker plays: everybody whom a client of this process hears, mixed.

Pure but for a lock; frames come from the I/O loop and are taken on the reader's thread.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Collection, Hashable
from typing import TYPE_CHECKING

import numpy as np

from .wire import SAMPLES

if TYPE_CHECKING:
    from .resampling import Samples

_IN_HAND = 3
"""Frames that are waited for before somebody is played, so that one that comes late is no gap."""
_MOST = 10
"""Frames kept of each; a speaker that is not read plays on, so older ones are gone."""


class Playout:
    """The voices by key, each in a queue of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._voices: dict[Hashable, deque[bytes]] = {}
        self._playing: set[Hashable] = set()

    @property
    def anybody(self) -> bool:
        """Whether there is somebody to be heard, silent or not."""
        return bool(self._voices)

    def arrange(self, listener: Hashable, audible: Collection[str]) -> None:
        """These are the participants that a client can hear now."""
        with self._lock:
            keys = {(listener, participant) for participant in audible}
            for key in [key for key in self._voices if isinstance(key, tuple) and key[0] == listener]:
                if key not in keys:
                    del self._voices[key]
                    self._playing.discard(key)
            for key in keys:
                self._voices.setdefault(key, deque(maxlen=_MOST))

    def hear(self, listener: Hashable, participant: str, pcm: bytes) -> None:
        """A frame of a participant came to a client."""
        with self._lock:
            key = (listener, participant)
            if (voice := self._voices.get(key)) is not None:
                voice.append(pcm)
                if len(voice) >= _IN_HAND:
                    self._playing.add(key)

    def frame(self) -> Samples:
        """The next 20 ms of everybody."""
        with self._lock:
            mixed = np.zeros(SAMPLES, np.int32)
            for key in tuple(self._playing):
                mixed += np.frombuffer(self._voices[key].popleft(), "<i2")
                if not self._voices[key]:
                    self._playing.discard(key)
            return np.clip(mixed, -32768, 32767).astype(np.int16)
