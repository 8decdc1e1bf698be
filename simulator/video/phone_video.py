"""A phone with video: it shows the test card, and takes note of what it sees."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from simulator.video.seen import VideoSeen
from simulator.video.test_card import TestCard, number_on

if TYPE_CHECKING:
    from av import VideoFrame

    from simulator.video.stream import VideoStream

WIDTH, HEIGHT, FPS = 320, 240, 15
"""Of the test card."""


class PhoneVideo:
    """Of one call, from the moment at which video was agreed on. `changed` is called with each picture that comes."""

    def __init__(self, stream: VideoStream, changed: Callable[[], None]) -> None:
        assert stream.media is not None  # noqa: S101  # agreed on
        self.seen = VideoSeen(stream.media.codec)
        self.shown = 0
        """Test cards handed to the encoder; their numbers begin at 0."""
        self._stream = stream
        self._changed = changed
        stream.on_picture = self._see
        self._showing = asyncio.create_task(self._show(), name="a phone shows its test card")

    def close(self) -> None:
        """The call is over; the stream closes with it."""
        self._showing.cancel()
        self._stream.on_picture = None

    async def _show(self) -> None:
        card = TestCard(WIDTH, HEIGHT)
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            self._stream.send(card.picture(self.shown))
            self.shown += 1
            due = max(due + 1 / FPS, loop.time())
            await asyncio.sleep(due - loop.time())

    def _see(self, picture: VideoFrame) -> None:
        seen = self.seen
        seen.pictures += 1
        seen.width, seen.height = picture.width, picture.height
        seen.latest_at = time.monotonic()
        seen.first_at = seen.first_at or seen.latest_at
        if (number := number_on(picture)) is not None:
            seen.numbers.append(number)
        self._changed()
