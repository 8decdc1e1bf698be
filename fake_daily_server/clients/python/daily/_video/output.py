"""What a video source or a virtual camera writes to: it hands each picture to who sends it."""

from __future__ import annotations

import threading
from collections.abc import Callable

Seer = Callable[[bytes], None]
"""Gets a message with the picture, on the thread of who writes it."""


class VideoOutput:
    """Pictures of one size and format, written from any thread. Nothing is done with one that nobody sends."""

    def __init__(self, width: int, height: int, color_format: str) -> None:
        self.width = width
        self.height = height
        self.color_format = color_format
        self._lock = threading.Lock()
        self._seers: list[Seer] = []

    @property
    def frame_bytes(self) -> int:
        """How long a picture is. In I420 the two planes of colour have half the width and height, rounded up."""
        if self.color_format == "I420":
            return self.width * self.height + 2 * ((self.width + 1) // 2) * ((self.height + 1) // 2)
        return self.width * self.height * len(self.color_format)

    def write(self, frame: bytes) -> None:
        """Send this picture."""
        with self._lock:
            seers = tuple(self._seers)
        if seers and self.width and self.height:
            from .colors import to_i420  # noqa: PLC0415 - loads numpy
            from .wire import shown  # noqa: PLC0415

            message = shown(self.width, self.height, to_i420(frame, self.width, self.height, self.color_format))
            for see in seers:
                see(message)

    def attach(self, seer: Seer) -> None:
        """Hand on what is written from now on."""
        with self._lock:
            self._seers.append(seer)

    def detach(self, seer: Seer) -> None:
        """Hand nothing on any more."""
        with self._lock:
            self._seers.remove(seer)
