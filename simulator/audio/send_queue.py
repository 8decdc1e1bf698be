"""The audio that a party sends: a queue of sounds, cut into frames of 20 ms."""

from __future__ import annotations

import time
from collections import deque
from typing import Protocol

import numpy as np

from simulator.audio.samples import FRAME_MS, RATE, Pcm, Sound, amplitude, as_pcm
from simulator.audio.tones import check_hz
from simulator.waiting import Changes


class Source(Protocol):
    """Something that produces samples."""

    def take(self, count: int) -> Pcm:
        """The next `count` samples; fewer at its end."""


class Clip:
    """A sound whose samples are known beforehand."""

    def __init__(self, sound: Sound) -> None:
        self._rest = as_pcm(sound)

    def take(self, count: int) -> Pcm:
        """The next `count` samples; fewer at its end."""
        part, self._rest = self._rest[:count], self._rest[count:]
        return part


class ContinuousTone:
    """A sine tone without end, its phase continuous from frame to frame."""

    def __init__(self, hz: float, dbfs: float, rate: int) -> None:
        self._step = 2 * np.pi * check_hz(hz, rate) / rate
        self._amplitude = amplitude(dbfs)
        self._phase = 0.0

    def take(self, count: int) -> Pcm:
        """The next `count` samples."""
        phases = self._phase + self._step * np.arange(count)
        self._phase = float((self._phase + self._step * count) % (2 * np.pi))
        return as_pcm(self._amplitude * np.sin(phases))


class QueuedSound:
    """A sound in the queue, until it has been sent or discarded."""

    def __init__(self, source: Source, *, endless: bool) -> None:
        self.source = source
        self.endless = endless
        self.began: float | None = None
        """When its first frame was handed over, on `time.monotonic()`; None before."""
        self.done = False
        """Whether it has been sent, or was discarded."""


class SendQueue:
    """Sounds are sent one after the other; an endless tone ends when another sound is queued. Used on one loop only."""

    def __init__(self, rate: int = RATE) -> None:
        self.rate = rate
        self.changes = Changes()
        """Notified when a sound begins or is done."""
        self._size = rate * FRAME_MS // 1000
        self._queue: deque[QueuedSound] = deque()

    def __len__(self) -> int:
        return len(self._queue)

    def add(self, sound: Sound) -> QueuedSound:
        """Send `sound` after those that are in the queue already."""
        return self._add(QueuedSound(Clip(sound), endless=False))

    def add_tone(self, hz: float, dbfs: float) -> QueuedSound:
        """Send a tone until another sound is queued, or until `clear`."""
        return self._add(QueuedSound(ContinuousTone(hz, dbfs, self.rate), endless=True))

    def clear(self) -> None:
        """Discard all sounds, also the one that is being sent."""
        for sound in self._queue:
            sound.done = True
        self._queue.clear()
        self.changes.notify()

    def next_frame(self) -> Pcm:
        """The next 20 ms to send; silence when the queue is empty."""
        if not self._queue:
            return np.zeros(self._size, np.int16)
        sound = self._queue[0]
        if sound.began is None:
            sound.began = time.monotonic()
            self.changes.notify()
        part = sound.source.take(self._size)
        if len(part) < self._size or (sound.endless and len(self._queue) > 1):
            sound.done = True
            self._queue.popleft()
            self.changes.notify()
        return np.concatenate([part, np.zeros(self._size - len(part), np.int16)])

    def _add(self, sound: QueuedSound) -> QueuedSound:
        self._queue.append(sound)
        return sound
