"""The callback that a program has set for one participant's sound."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from .._threads.dispatcher import Dispatcher
from .._threads.user_callbacks import call
from .custom_audio import AudioData, audio_data

if TYPE_CHECKING:
    from .renderer_stream import Rendering

logger = logging.getLogger("daily")

AudioCallback = Callable[[str, AudioData, str], object]

_MOST_WAITING_MS = 10_000
"""Of sound for a callback that is slower than real time; after that the oldest is dropped."""


class AudioRenderer:
    """Filled on the I/O loop, called on the thread that a client has for sound: a slow one holds up no event."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        participant_id: str,
        callback: AudioCallback,
        source: str,
        rate: int,
        interval: int,
    ) -> None:
        self.participant_id = participant_id
        self.source = source
        self.rendering: Rendering | None = None
        """While the participant can be heard."""
        self._dispatcher = dispatcher
        self._callback = callback
        self._rate = rate
        self._interval_ms = interval
        self._waiting: deque[bytes] = deque()
        self._lost = 0
        self._closed = False

    @property
    def never_called(self) -> bool:
        """daily-python counts units of 10 ms up to the interval, and starts anew when it meets it.

        An interval without a single sample would never end.
        """
        return self._interval_ms <= 0 or self._interval_ms % 10 != 0 or self._rate * self._interval_ms < 1000

    def begin(self, now: float) -> None:
        """The participant can be heard from now on."""
        from .renderer_stream import Rendering  # noqa: PLC0415 - loads numpy

        self.rendering = Rendering(self._rate, self._interval_ms, now)

    def hear(self, pcm: bytes) -> None:
        """20 ms of the participant."""
        if self.rendering is not None:
            self._deliver(self.rendering.hear(pcm))

    def wait(self, now: float) -> None:
        """Time has passed."""
        if self.rendering is not None:
            self._deliver(self.rendering.wait(now))

    def close(self) -> None:
        """The callback is not called any more."""
        self._closed = True

    def _deliver(self, intervals: Iterable[bytes]) -> None:
        for frames in intervals:
            self._waiting.append(frames)
            if len(self._waiting) * self._interval_ms > _MOST_WAITING_MS:
                self._waiting.popleft()
                self._lose()
            else:
                self._dispatcher.post(self._call)

    def _lose(self) -> None:
        self._lost += 1
        if self._lost == 1:
            logger.warning(
                "the audio renderer of participant %s (%s) takes longer than its %d ms; it is %d s behind, and what it "
                "has not had is being dropped",
                *(self.participant_id, self.source, self._interval_ms, _MOST_WAITING_MS // 1000),
            )

    def _call(self) -> None:
        if self._lost and len(self._waiting) * self._interval_ms < _MOST_WAITING_MS // 2:
            logger.warning("the audio renderer of %s has lost %d intervals", self.participant_id, self._lost)
            self._lost = 0
        frames = self._waiting.popleft()
        if not self._closed:
            call(self._callback, self.participant_id, audio_data(frames, self._rate), self.source)
