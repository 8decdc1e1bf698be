"""Legs without sockets, and a media clock that tests tick themselves."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fake_daily_server.media.audio_frame import FRAME_SAMPLES
from fake_daily_server.media.clock import MediaClock, Ticked
from fake_daily_server.media.leg import LegCounts, LegGone

Frame = npt.NDArray[np.int16]


def constant(value: int) -> Frame:
    """A frame in which every sample is `value`."""
    return np.full(FRAME_SAMPLES, value, np.int16)


class ManualClock(MediaClock):
    """Ticks when the test says so, on the test's own thread."""

    def __init__(self) -> None:
        super().__init__()
        self.on: list[Ticked] = []

    def add(self, ticked: Ticked) -> None:
        self.on.append(ticked)

    def remove(self, ticked: Ticked) -> None:
        self.on = [one for one in self.on if one is not ticked]

    def tick(self, times: int = 1) -> None:
        for _ in range(times):
            for one in list(self.on):
                one.tick()


class FakeLeg:
    """A leg that sends the same frame in every tick, or none, and keeps the first sample of what it hears."""

    def __init__(self, sends: int | None = None) -> None:
        self.counts = LegCounts()
        self.sends = sends
        self.heard: list[int] = []
        self.closed = 0
        self.failure: Exception | None = None

    def read(self) -> Frame | None:
        if self.failure is not None:
            raise self.failure
        return None if self.sends is None else constant(self.sends)

    def write(self, frame: Frame) -> None:
        assert (frame == frame[0]).all()
        self.heard.append(int(frame[0]))

    def close(self) -> None:
        self.closed += 1

    def be_gone(self) -> None:
        self.failure = LegGone("the test removed the peer")
