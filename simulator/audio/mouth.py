"""What a party says: sounds one after the other, cut into frames of 20 ms."""

from __future__ import annotations

import time
from collections import deque
from typing import Protocol

import numpy as np

from simulator.audio.samples import FRAME_MS, RATE, Pcm, Sound, amplitude, as_pcm
from simulator.audio.tones import check_hz
from simulator.waiting import Changes


class Source(Protocol):
    """A sound that is being made."""

    def take(self, count: int) -> Pcm:
        """The next samples; fewer than `count` when it is over."""


class Clip:
    """A sound that was made beforehand."""

    def __init__(self, sound: Sound) -> None:
        self._rest = as_pcm(sound)

    def take(self, count: int) -> Pcm:
        """The next samples; fewer than `count` when it is over."""
        part, self._rest = self._rest[:count], self._rest[count:]
        return part


class Hum:
    """A tone without end."""

    def __init__(self, hz: float, dbfs: float, rate: int) -> None:
        self._step = 2 * np.pi * check_hz(hz, rate) / rate
        self._amplitude = amplitude(dbfs)
        self._phase = 0.0

    def take(self, count: int) -> Pcm:
        """The next samples."""
        phases = self._phase + self._step * np.arange(count)
        self._phase = float((self._phase + self._step * count) % (2 * np.pi))
        return as_pcm(self._amplitude * np.sin(phases))


class Utterance:
    """Something that a party says, from being queued to its end."""

    def __init__(self, source: Source, *, endless: bool) -> None:
        self.source = source
        self.endless = endless
        self.began: float | None = None
        """When its first frame was handed over, on `time.monotonic()`."""
        self.over = False


class Mouth:
    """What is to be said waits for what is being said; an endless hum gives way. One loop."""

    def __init__(self, rate: int = RATE) -> None:
        self.rate = rate
        self.changes = Changes()
        """Told when something begins or is over."""
        self._size = rate * FRAME_MS // 1000
        self._queue: deque[Utterance] = deque()

    @property
    def talking(self) -> bool:
        """Whether there is something to say."""
        return bool(self._queue)

    def say(self, sound: Sound) -> Utterance:
        """Say a sound after those that wait already."""
        return self._add(Utterance(Clip(sound), endless=False))

    def hum(self, hz: float, dbfs: float) -> Utterance:
        """Hum until something else is to be said, or `hush`."""
        return self._add(Utterance(Hum(hz, dbfs, self.rate), endless=True))

    def hush(self) -> None:
        """Say no more; what waits is forgotten."""
        for utterance in self._queue:
            utterance.over = True
        self._queue.clear()
        self.changes.notify()

    def frame(self) -> Pcm:
        """The next 20 ms, silence when there is nothing to say."""
        if not self._queue:
            return np.zeros(self._size, np.int16)
        utterance = self._queue[0]
        if utterance.began is None:
            utterance.began = time.monotonic()
            self.changes.notify()
        part = utterance.source.take(self._size)
        if len(part) < self._size or (utterance.endless and len(self._queue) > 1):
            utterance.over = True
            self._queue.popleft()
            self.changes.notify()
        return np.concatenate([part, np.zeros(self._size - len(part), np.int16)])

    def _add(self, utterance: Utterance) -> Utterance:
        self._queue.append(utterance)
        return utterance
