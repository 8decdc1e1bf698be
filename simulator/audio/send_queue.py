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
    """A source of samples."""

    def take(self, count: int) -> Pcm:
        """Take the next `count` samples; fewer at the end of the sound."""


class Clip:
    """A sound of finite duration, given by its samples."""

    def __init__(self, sound: Sound) -> None:
        self._rest = as_pcm(sound)

    def take(self, count: int) -> Pcm:
        """Take the next `count` samples; fewer at the end of the sound."""
        part, self._rest = self._rest[:count], self._rest[count:]
        return part


class ContinuousTone:
    """A sine tone without end, its phase continuous from frame to frame."""

    def __init__(self, hz: float, dbfs: float, rate: int) -> None:
        self._step = 2 * np.pi * check_hz(hz, rate) / rate
        self._amplitude = amplitude(dbfs)
        self._phase = 0.0

    def take(self, count: int) -> Pcm:
        """Take the next `count` samples."""
        phases = self._phase + self._step * np.arange(count)
        self._phase = float((self._phase + self._step * count) % (2 * np.pi))
        return as_pcm(self._amplitude * np.sin(phases))


class QueuedSound:
    """A sound in the queue, until it has been sent or discarded."""

    def __init__(self, source: Source, *, endless: bool) -> None:
        self.source = source
        self.endless = endless
        self.began: float | None = None
        """When the other side takes the first frame (`time.monotonic()`); None before that frame is sent."""
        self.done = False
        """Whether the sound has been sent or discarded."""


class SendQueue:
    """Sounds to send one after another; an endless tone ends when another sound is queued. Used on one loop only."""

    def __init__(self, rate: int = RATE) -> None:
        self.rate = rate
        self.changes = Changes()
        """Notified when a sound begins or is done."""
        self._size = rate * FRAME_MS // 1000
        self._queue: deque[QueuedSound] = deque()

    def __len__(self) -> int:
        return len(self._queue)

    def add(self, sound: Sound) -> QueuedSound:
        """Queue `sound` after the sounds already in the queue."""
        return self._add(QueuedSound(Clip(sound), endless=False))

    def add_tone(self, hz: float, dbfs: float) -> QueuedSound:
        """Queue a tone that lasts until another sound is queued, or until `clear`."""
        return self._add(QueuedSound(ContinuousTone(hz, dbfs, self.rate), endless=True))

    def clear(self) -> None:
        """Discard all sounds, including the one that is being sent."""
        for sound in self._queue:
            sound.done = True
        self._queue.clear()
        self.changes.notify()

    def next_frame(self, due: float | None = None) -> Pcm:
        """Take the next 20 ms to send, which the other side takes at `due`, or now; silence if the queue is empty."""
        if not self._queue:
            return np.zeros(self._size, np.int16)
        sound = self._queue[0]
        if sound.began is None:
            sound.began = time.monotonic() if due is None else due
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
