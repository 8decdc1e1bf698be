"""The callback that a program has set for one participant's pictures."""

from __future__ import annotations

import time
from collections.abc import Callable

from .._threads.dispatcher import Dispatcher
from .._threads.user_callbacks import call
from .custom_video import VideoFrame, video_frame

VideoCallback = Callable[[str, VideoFrame, str], object]


class VideoRenderer:
    """Filled on the I/O loop, called on the thread that a client has for pictures.

    A picture that comes while the callback has not taken the one before takes its place: a slow callback sees fewer.
    """

    def __init__(
        self, dispatcher: Dispatcher, participant_id: str, callback: VideoCallback, source: str, color_format: str
    ) -> None:
        self.participant_id = participant_id
        self.source = source
        self._dispatcher = dispatcher
        self._callback = callback
        self._color_format = color_format
        self._next: tuple[int, int, bytes, int] | None = None
        self._closed = False

    def see(self, width: int, height: int, planes: bytes) -> None:
        """A picture in I420."""
        waiting = self._next is not None
        self._next = width, height, planes, time.monotonic_ns() // 1000
        if not waiting:
            self._dispatcher.post(self._call)

    def close(self) -> None:
        """The callback is not called any more."""
        self._closed = True

    def _call(self) -> None:
        from .colors import from_i420  # noqa: PLC0415 - loads numpy

        picture, self._next = self._next, None
        if picture is None or self._closed:
            return
        width, height, planes, received_us = picture
        frame = video_frame(
            from_i420(planes, width, height, self._color_format), width, height, received_us, self._color_format
        )
        call(self._callback, self.participant_id, frame, self.source)
