"""Pipecat bots in one process that say what they hear: `python -m benchmarks.pipecat_clients JOB`.

`{"rooms": [{"url", "token"}], "seconds"}`; tells when all have joined, when all hear, and after so many seconds the
processor time that they took.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, NamedTuple, cast

from pipecat.frames.frames import Frame, InputAudioRawFrame, OutputAudioRawFrame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from benchmarks.told import tell
from tests.interop.pipecat.transport_bot import TransportBot

if TYPE_CHECKING:
    from fake_daily_server.handles.room_handle import RoomHandle


class _Echo(FrameProcessor):
    """Says at once what it hears; `hears` is set when that is no silence."""

    def __init__(self) -> None:
        super().__init__()
        self.hears = asyncio.Event()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if not isinstance(frame, InputAudioRawFrame):
            await self.push_frame(frame, direction)
            return
        if any(frame.audio):
            self.hears.set()
        await self.push_frame(OutputAudioRawFrame(frame.audio, frame.sample_rate, frame.num_channels))


class _FarRoom(NamedTuple):
    """What a bot needs of a room that another process has made."""

    url: str
    owner_token: str


def _far(url: str, token: str) -> RoomHandle:
    return cast("RoomHandle", _FarRoom(url, token))


async def _run(rooms: list[dict[str, str]], seconds: float) -> None:
    async with AsyncExitStack() as stack:
        echoes = [_Echo() for _ in rooms]
        for room, echo in zip(rooms, echoes, strict=True):
            await stack.enter_async_context(TransportBot(_far(**room), processors=[echo]))
        tell(joined=len(rooms))
        async with asyncio.timeout(20):
            await asyncio.gather(*(echo.hears.wait() for echo in echoes))
        await asyncio.sleep(2)
        tell(settled=True)
        used = time.process_time()
        await asyncio.sleep(seconds)
        tell(cpu_s=time.process_time() - used)


if __name__ == "__main__":
    job = json.loads(sys.argv[1])
    asyncio.run(_run(job["rooms"], job["seconds"]))
