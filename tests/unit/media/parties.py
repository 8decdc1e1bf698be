"""Legs without sockets and a clock that is turned by hand."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fake_daily_server.media.clock import MediaClock, Ticked
from fake_daily_server.media.legs import SAMPLES, LegCounts, LegGone

Frame = npt.NDArray[np.int16]


def level(value: int) -> Frame:
    """A frame that is `value` throughout."""
    return np.full(SAMPLES, value, np.int16)


class HandClock(MediaClock):
    """Ticks when it is told to, on the test's own thread."""

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


class Party:
    """A leg that says the same all the time, and keeps what it hears."""

    def __init__(self, says: int | None = None) -> None:
        self.counts = LegCounts()
        self.says = says
        self.heard: list[int] = []
        self.closed = 0
        self.broken: Exception | None = None

    def read(self) -> Frame | None:
        if self.broken is not None:
            raise self.broken
        return None if self.says is None else level(self.says)

    def write(self, frame: Frame) -> None:
        assert (frame == frame[0]).all()
        self.heard.append(int(frame[0]))

    def close(self) -> None:
        self.closed += 1

    def dies(self) -> None:
        self.broken = LegGone("the test says so")
