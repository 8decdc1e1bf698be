"""Playout: the mix, for the selected speaker, of all participants that clients of this process can hear.

The I/O loop adds received frames; the program's thread reads the mix. A lock guards both.
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

_PREBUFFER_FRAMES = 3
"""Frames buffered before a participant's playback starts, so that a late frame leaves no gap."""
_MAX_FRAMES = 10
"""The most frames kept for each participant; older ones are dropped if the speaker is not read."""


class Playout:
    """One queue of frames for each pair of a client and a participant or track that the client hears."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queues: dict[tuple[Hashable, str], deque[bytes]] = {}
        self._playing: set[tuple[Hashable, str]] = set()

    @property
    def has_participants(self) -> bool:
        """Whether any participant can be heard, even if all are silent."""
        return bool(self._queues)

    def set_participants(self, client: Hashable, audible: Collection[str]) -> None:
        """Set the ids of the participants and tracks that `client` can hear."""
        with self._lock:
            keys = {(client, participant) for participant in audible}
            for key in [key for key in self._queues if key[0] == client and key not in keys]:
                del self._queues[key]
                self._playing.discard(key)
            for key in keys:
                self._queues.setdefault(key, deque(maxlen=_MAX_FRAMES))

    def push(self, client: Hashable, participant: str, pcm: bytes) -> None:
        """Add a frame that `client` received from a participant or track."""
        with self._lock:
            key = (client, participant)
            if (queue := self._queues.get(key)) is not None:
                queue.append(pcm)
                if len(queue) >= _PREBUFFER_FRAMES:
                    self._playing.add(key)

    def next_frame(self) -> Samples:
        """Return the next 20 ms of the mix."""
        with self._lock:
            mixed = np.zeros(SAMPLES, np.int32)
            for key in tuple(self._playing):
                mixed += np.frombuffer(self._queues[key].popleft(), "<i2")
                if not self._queues[key]:
                    self._playing.discard(key)
            return np.clip(mixed, -32768, 32767).astype(np.int16)
