"""Pipecat bots in one process that send back the audio they receive: `python -m benchmarks.pipecat_clients JOB`.

The job is `{"rooms": [{"url", "token"}], "seconds"}`. There is a result when all bots have joined, when all receive
audio, and after `seconds` with the CPU time of the process.
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

from benchmarks.json_lines import emit
from tests.interop.pipecat.transport_bot import TransportBot

if TYPE_CHECKING:
    from fake_daily_server.handles.room_handle import RoomHandle


class _Echo(FrameProcessor):
    """Sends back the received audio; `receives` is set once this is not silent."""

    def __init__(self) -> None:
        super().__init__()
        self.receives = asyncio.Event()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if not isinstance(frame, InputAudioRawFrame):
            await self.push_frame(frame, direction)
            return
        if any(frame.audio):
            self.receives.set()
        await self.push_frame(OutputAudioRawFrame(frame.audio, frame.sample_rate, frame.num_channels))


class _Room(NamedTuple):
    """A room created by another process, as a bot needs it."""

    url: str
    owner_token: str


def _room_handle(url: str, token: str) -> RoomHandle:
    return cast("RoomHandle", _Room(url, token))


async def _run(rooms: list[dict[str, str]], seconds: float) -> None:
    async with AsyncExitStack() as stack:
        echoes = [_Echo() for _ in rooms]
        for room, echo in zip(rooms, echoes, strict=True):
            await stack.enter_async_context(TransportBot(_room_handle(**room), processors=[echo]))
        emit(joined=len(rooms))
        async with asyncio.timeout(20):
            await asyncio.gather(*(echo.receives.wait() for echo in echoes))
        await asyncio.sleep(2)
        emit(settled=True)
        used = time.process_time()
        await asyncio.sleep(seconds)
        emit(cpu_s=time.process_time() - used)


if __name__ == "__main__":
    job = json.loads(sys.argv[1])
    asyncio.run(_run(job["rooms"], job["seconds"]))
