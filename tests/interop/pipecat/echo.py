"""A processor that repeats what it receives."""

from __future__ import annotations

import numpy as np
from pipecat.frames.frames import Frame, InputAudioRawFrame, OutputAudioRawFrame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

PAUSE_S = 0.1
"""Silence after which an utterance is repeated."""
QUIET = 50


class Echo(FrameProcessor):
    """Repeats every utterance after its end."""

    def __init__(self) -> None:
        super().__init__()
        self._collected = b""
        self._silent_s = 0.0

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Collect audio and repeat it after a pause; pass on other frames."""
        await super().process_frame(frame, direction)
        if not isinstance(frame, InputAudioRawFrame):
            await self.push_frame(frame, direction)
            return
        samples = np.frombuffer(frame.audio, np.int16)
        if np.abs(samples).max() > QUIET:
            self._collected += frame.audio
            self._silent_s = 0.0
        elif self._collected:
            self._collected += frame.audio
            self._silent_s += len(samples) / frame.sample_rate
            if self._silent_s >= PAUSE_S:
                utterance, self._collected = self._collected, b""
                await self.push_frame(OutputAudioRawFrame(utterance, frame.sample_rate, frame.num_channels))
