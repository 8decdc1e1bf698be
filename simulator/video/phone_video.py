"""The video of a phone's call: sends numbered test cards, and keeps statistics of the received video."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from simulator.video.received_video import ReceivedVideo
from simulator.video.test_card import TestCard, read_number

if TYPE_CHECKING:
    from av import VideoFrame

    from simulator.video.stream import VideoStream

WIDTH, HEIGHT, FPS = 1280, 720, 15
"""Width and height of the test cards in pixels, and their rate per second: the defaults of `videoSettings`."""


class PhoneVideo:
    """The video of one call; created once video is negotiated. `on_change` is called after each received picture."""

    def __init__(self, stream: VideoStream, on_change: Callable[[], None]) -> None:
        assert stream.media is not None  # noqa: S101  # video is negotiated
        self.received = ReceivedVideo(stream.media.codec)
        self._stream = stream
        self._on_change = on_change
        stream.on_picture = self._receive
        self._sending = asyncio.create_task(self._send_test_cards(), name="a phone sends test cards")

    def close(self) -> None:
        """Stop sending and receiving. The call closes the stream."""
        self._sending.cancel()
        self._stream.on_picture = None

    async def _send_test_cards(self) -> None:
        card = TestCard(WIDTH, HEIGHT)
        loop = asyncio.get_running_loop()
        due = loop.time()
        number = 0
        while True:
            self._stream.send(card.picture(number))
            number += 1
            due = max(due + 1 / FPS, loop.time())
            await asyncio.sleep(due - loop.time())

    def _receive(self, picture: VideoFrame) -> None:
        received = self.received
        received.pictures += 1
        received.width, received.height = picture.width, picture.height
        received.latest_at = time.monotonic()
        received.first_at = received.first_at or received.latest_at
        if (number := read_number(picture)) is not None:
            received.numbers.append(number)
        self._on_change()
