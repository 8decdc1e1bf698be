"""A video track that always sends the newest frame of a participant."""

from __future__ import annotations

import asyncio
import time
from fractions import Fraction
from typing import TYPE_CHECKING

from aiortc import MediaStreamTrack
from aiortc.mediastreams import VIDEO_CLOCK_RATE, MediaStreamError

if TYPE_CHECKING:
    from av import VideoFrame

_TIME_BASE = Fraction(1, VIDEO_CLOCK_RATE)


class VideoFrameTrack(MediaStreamTrack):
    """Keeps the newest frame for one sender; a frame replaced before the encoder requests it is never sent.

    Used on one loop.
    """

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self._newest: VideoFrame | None = None
        self._arrived = asyncio.Event()

    def put(self, frame: VideoFrame) -> None:
        """Make `frame` the next one to send. The frame is not modified, so several tracks may share it."""
        self._newest = frame
        self._arrived.set()

    async def recv(self) -> VideoFrame:
        """Return the newest frame, waiting for one that was not sent yet; called by aiortc's sender."""
        if self.readyState != "live":
            raise MediaStreamError
        await self._arrived.wait()
        self._arrived.clear()
        frame, self._newest = self._newest, None
        assert frame is not None  # noqa: S101  # set together with the event
        return _stamped_copy(frame)


def _stamped_copy(frame: VideoFrame) -> VideoFrame:
    """Copy a frame, since encoders modify their input, and set its timestamp from the 90 kHz RTP clock."""
    copy = frame.reformat(format="yuv420p")
    if copy is frame:
        copy = type(frame).from_ndarray(frame.to_ndarray(), format="yuv420p")
    copy.pts = int(time.monotonic() * VIDEO_CLOCK_RATE)
    copy.time_base = _TIME_BASE
    return copy
