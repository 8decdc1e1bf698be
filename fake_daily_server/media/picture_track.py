"""A video track that shows the latest picture of a participant."""

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


class PictureTrack(MediaStreamTrack):
    """Used on one loop. A picture that the encoder has no time for is passed over."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self._next: VideoFrame | None = None
        self._came = asyncio.Event()

    def show(self, picture: VideoFrame) -> None:
        """Send this one next. The picture is kept and may be shown by several tracks."""
        self._next = picture
        self._came.set()

    async def recv(self) -> VideoFrame:
        """The next picture, for aiortc's sender."""
        if self.readyState != "live":
            raise MediaStreamError
        await self._came.wait()
        self._came.clear()
        picture, self._next = self._next, None
        assert picture is not None  # noqa: S101  # set with the event
        return stamped(picture)


def stamped(picture: VideoFrame) -> VideoFrame:
    """The picture at this moment of the 90 kHz clock, as a frame of its own: encoders write into what they get."""
    own = picture.reformat(format="yuv420p")
    if own is picture:
        own = type(picture).from_ndarray(picture.to_ndarray(), format="yuv420p")
    own.pts = int(time.monotonic() * VIDEO_CLOCK_RATE)
    own.time_base = _TIME_BASE
    return own
