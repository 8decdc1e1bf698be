"""Opens video streams of calls, whose codecs are imported only when there is a first one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from simulator.errors import CallError

if TYPE_CHECKING:
    from simulator.video.preferences import VideoPreferences
    from simulator.video.stream import VideoStream


async def open_stream(
    preferences: VideoPreferences, *, host: str, permitted: Callable[[str, int], str | None]
) -> VideoStream:
    """Open a stream on ports of `host`; `permitted` as `VideoStream` has it. Raises CallError."""
    await asyncio.to_thread(_import_video)
    from simulator.video.stream import VideoStream  # noqa: PLC0415  # loads the codecs

    try:
        return await VideoStream.open(preferences, host=host, permitted=permitted)
    except OSError as failure:
        raise CallError(f"video: {failure}") from failure


def _import_video() -> None:
    """Import the video codecs, which takes so long that it is done on a thread."""
    from simulator.video import stream  # noqa: F401, PLC0415  # imported for its side effect
