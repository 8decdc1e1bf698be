"""VideoOutput: passes the frames of a video source or a virtual camera to the clients that send it."""

from __future__ import annotations

import threading
from collections.abc import Callable

PictureListener = Callable[[bytes], None]
"""A callback that receives the binary message with a frame, on the thread that writes the frame."""


class VideoOutput:
    """Accepts frames of one size and format from any thread. A frame that no client sends is not converted."""

    def __init__(self, width: int, height: int, color_format: str) -> None:
        self.width = width
        self.height = height
        self.color_format = color_format
        self._lock = threading.Lock()
        self._listeners: list[PictureListener] = []

    @property
    def frame_bytes(self) -> int:
        """The size of a frame in bytes. In I420, both chroma planes have half the width and height, rounded up."""
        if self.color_format == "I420":
            return self.width * self.height + 2 * ((self.width + 1) // 2) * ((self.height + 1) // 2)
        return self.width * self.height * len(self.color_format)

    def write(self, frame: bytes) -> None:
        """Pass a frame to the listeners."""
        with self._lock:
            listeners = tuple(self._listeners)
        if listeners and self.width and self.height:
            from .colors import to_i420  # noqa: PLC0415 - loads numpy
            from .wire import pack_picture  # noqa: PLC0415

            planes = to_i420(frame, self.width, self.height, self.color_format)
            message = pack_picture(self.width, self.height, planes)
            for listener in listeners:
                listener(message)

    def attach(self, listener: PictureListener) -> None:
        """Pass the frames written after this call to `listener`."""
        with self._lock:
            self._listeners.append(listener)

    def detach(self, listener: PictureListener) -> None:
        """Stop passing frames to `listener`."""
        with self._lock:
            self._listeners.remove(listener)
