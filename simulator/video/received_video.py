"""Statistics of the video that a phone receives in one call. Does not load any codec."""

from __future__ import annotations

import itertools
from collections import deque
from dataclasses import dataclass, field

from simulator.video.negotiated import VideoCodec

_KEPT_NUMBERS = 1000


@dataclass(slots=True)
class ReceivedVideo:
    """The received pictures, and the numbers of the test cards among them."""

    codec: VideoCodec
    """The negotiated codec."""
    pictures: int = 0
    width: int = 0
    """Width of the newest picture, in pixels."""
    height: int = 0
    numbers: deque[int] = field(default_factory=lambda: deque(maxlen=_KEPT_NUMBERS))
    """Numbers of the newest 1,000 test cards, in the order of arrival."""
    first_at: float | None = None
    """When the first picture arrived, in `time.monotonic()` seconds."""
    latest_at: float | None = None
    """When the newest picture arrived."""

    @property
    def fps(self) -> float:
        """Average pictures per second; 0 before the second picture."""
        if self.first_at is None or self.latest_at is None or self.latest_at == self.first_at:
            return 0.0
        return (self.pictures - 1) / (self.latest_at - self.first_at)

    @property
    def missing(self) -> int:
        """Number of test cards missing between those received."""
        numbers = list(self.numbers)
        return sum((new - old - 1) & 0xFFFF for old, new in itertools.pairwise(numbers) if new != old)

    def __str__(self) -> str:
        cards = f", test cards {self.numbers[0]} to {self.numbers[-1]}" if self.numbers else ""
        return f"{self.pictures} pictures of {self.width}x{self.height} in {self.codec}{cards}"
