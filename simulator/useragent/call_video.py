"""Opens the video stream of a call; the video codecs are imported only when a call has video."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from simulator.errors import CallError

if TYPE_CHECKING:
    from simulator.video.preferences import VideoPreferences
    from simulator.video.stream import VideoStream


async def open_video_stream(wish: VideoPreferences) -> VideoStream:
    """Open the stream that `wish` describes. CallError when no port can be had."""
    await asyncio.to_thread(_import_video)
    from simulator.video.stream import VideoStream  # noqa: PLC0415  # loads the codecs

    try:
        return await VideoStream.open(wish)
    except OSError as failure:
        raise CallError(f"video: {failure}") from failure


def _import_video() -> None:
    """Import the video codecs, which takes so long that it is done on a thread."""
    from simulator.video import stream  # noqa: F401, PLC0415  # imported for its side effect
