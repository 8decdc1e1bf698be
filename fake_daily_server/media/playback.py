"""Audio that the server plays to the legs of a conference."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np

from fake_daily_server.media.audio_frame import FRAME_SAMPLES

if TYPE_CHECKING:
    from fake_daily_server.media.audio_frame import Frame


class Playback:
    """The playback of samples to one leg, or to all; advances only while a leg can hear it. `stop()` ends it."""

    def __init__(self, key: str, samples: Frame, to: str | None, *, loop: bool) -> None:
        """Prepare 16 kHz mono int16 samples for the leg with the key `to` (None: all). Raises ValueError if empty."""
        self.key = key
        """The key of the playback as a speaker in the mixer."""
        self.to = to
        """The key of the leg that hears the playback; None means all legs."""
        self._repeats = loop
        self._frames = _split_into_frames(samples, loop=loop)
        self._position = 0
        self._event_loop = asyncio.get_running_loop()
        self._over = asyncio.Event()
        self._ended = False

    @property
    def ended(self) -> bool:
        """Whether all samples have been played or `stop` was called."""
        return self._ended

    def stop(self) -> None:
        """End the playback. May be called on any thread."""
        self._ended = True
        self._event_loop.call_soon_threadsafe(self._over.set)

    async def wait(self) -> None:
        """Wait until all samples have been played or `stop` is called. Used on the loop that started the playback."""
        await self._over.wait()

    def next(self) -> Frame | None:
        """Return the next frame; None at the end. Called on the media clock's thread."""
        if self._ended:
            return None
        if self._position == len(self._frames):
            if not self._repeats:
                self.stop()
                return None
            self._position = 0
        self._position += 1
        frame: Frame = self._frames[self._position - 1]
        return frame


def _split_into_frames(samples: Frame, *, loop: bool) -> np.ndarray[tuple[int, int], np.dtype[np.int16]]:
    """Split samples into whole frames, one in each row.

    The last frame is padded with silence; if the samples loop, it continues with their beginning, without a gap.
    """
    flat = np.ascontiguousarray(samples, np.int16).reshape(-1)
    if flat.size == 0:
        raise ValueError("samples is empty; expected at least one sample")
    if loop:
        # A loop of n samples fills whole frames after a few turns; at most that many are laid out.
        turns = FRAME_SAMPLES // int(np.gcd(flat.size, FRAME_SAMPLES))
        return np.tile(flat, turns).reshape(-1, FRAME_SAMPLES)
    return np.pad(flat, (0, -flat.size % FRAME_SAMPLES)).reshape(-1, FRAME_SAMPLES)
