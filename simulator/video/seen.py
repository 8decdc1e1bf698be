"""What a phone has seen in one call. Loads no codec."""

from __future__ import annotations

import itertools
from collections import deque
from dataclasses import dataclass, field

from simulator.useragent.messages import VideoCodec

_KEPT = 1000


@dataclass(slots=True)
class VideoSeen:
    """The pictures that came, with the numbers of those that were test cards."""

    codec: VideoCodec
    """As negotiated."""
    pictures: int = 0
    width: int = 0
    """Of the latest picture, in pixels."""
    height: int = 0
    numbers: deque[int] = field(default_factory=lambda: deque(maxlen=_KEPT))
    """Of the latest 1000 test cards, in order of coming."""
    first_at: float | None = None
    latest_at: float | None = None
    """In `time.monotonic()` seconds."""

    @property
    def fps(self) -> float:
        """Pictures a second, on average; 0 before the second one."""
        if self.first_at is None or self.latest_at is None or self.latest_at == self.first_at:
            return 0.0
        return (self.pictures - 1) / (self.latest_at - self.first_at)

    @property
    def missing(self) -> int:
        """How many numbers were left out between the test cards that came."""
        numbers = list(self.numbers)
        return sum((new - old - 1) & 0xFFFF for old, new in itertools.pairwise(numbers) if new != old)

    def __str__(self) -> str:
        cards = f", test cards {self.numbers[0]} to {self.numbers[-1]}" if self.numbers else ""
        return f"{self.pictures} pictures of {self.width}x{self.height} in {self.codec}{cards}"
