"""A processor that repeats what it hears."""

from __future__ import annotations

import numpy as np
from pipecat.frames.frames import Frame, InputAudioRawFrame, OutputAudioRawFrame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

PAUSE_S = 0.1
"""So much silence ends what is repeated."""
QUIET = 50


class Echo(FrameProcessor):
    """Says every utterance again when it is over."""

    def __init__(self) -> None:
        super().__init__()
        self._heard = b""
        self._silent_s = 0.0

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Collect sound, and say it after a pause; pass everything else on."""
        await super().process_frame(frame, direction)
        if not isinstance(frame, InputAudioRawFrame):
            await self.push_frame(frame, direction)
            return
        samples = np.frombuffer(frame.audio, np.int16)
        if np.abs(samples).max() > QUIET:
            self._heard += frame.audio
            self._silent_s = 0.0
        elif self._heard:
            self._heard += frame.audio
            self._silent_s += len(samples) / frame.sample_rate
            if self._silent_s >= PAUSE_S:
                said, self._heard = self._heard, b""
                await self.push_frame(OutputAudioRawFrame(said, frame.sample_rate, frame.num_channels))
