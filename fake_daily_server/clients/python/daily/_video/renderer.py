"""VideoRenderer: delivers one participant's video to the callback that a program has set."""

from __future__ import annotations

import time
from collections.abc import Callable

from .._threads.dispatcher import Dispatcher
from .._threads.user_callbacks import call_user_callback
from .custom_video import VideoFrame, video_frame

VideoCallback = Callable[[str, VideoFrame, str], object]


class VideoRenderer:
    """Receives frames on the I/O loop and runs the callback on the client's video dispatcher.

    A frame replaces the previous one if the callback has not received it yet, so a slow callback gets fewer frames.
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

    def push(self, width: int, height: int, planes: bytes) -> None:
        """Queue a frame, given as I420 planes, for the callback."""
        is_posted = self._next is not None
        self._next = width, height, planes, time.monotonic_ns() // 1000
        if not is_posted:
            self._dispatcher.post(self._call)

    def close(self) -> None:
        """Stop calling the callback."""
        self._closed = True

    def _call(self) -> None:
        from .colors import from_i420  # noqa: PLC0415 - loads numpy

        picture, self._next = self._next, None
        if picture is None or self._closed:
            return
        width, height, planes, received_us = picture
        buffer = from_i420(planes, width, height, self._color_format)
        frame = video_frame(buffer, width, height, received_us, self._color_format)
        call_user_callback(self._callback, self.participant_id, frame, self.source)
