"""AudioRenderer: delivers one participant's audio to the callback that a program has set."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from .._threads.dispatcher import Dispatcher
from .._threads.user_callbacks import call_user_callback
from .custom_audio import AudioData, audio_data

if TYPE_CHECKING:
    from .renderer_stream import RendererStream

logger = logging.getLogger("daily")

AudioCallback = Callable[[str, AudioData, str], object]

_MAX_BACKLOG_MS = 10_000
"""The most audio that waits for a callback slower than real time; the oldest is dropped."""


class AudioRenderer:
    """Receives frames on the I/O loop and runs the callback on the audio dispatcher, where it delays no event."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        participant_id: str,
        callback: AudioCallback,
        source: str,
        rate: int,
        interval_ms: int,
    ) -> None:
        self.participant_id = participant_id
        self.source = source
        self.stream: RendererStream | None = None
        """The converted audio; None while the participant cannot be heard."""
        self._dispatcher = dispatcher
        self._callback = callback
        self._rate = rate
        self._interval_ms = interval_ms
        self._backlog: deque[bytes] = deque()
        self._dropped = 0
        self._closed = False

    @property
    def never_called(self) -> bool:
        """Whether daily-python never calls a callback with this interval.

        daily-python counts units of 10 ms and calls back only if the count equals the interval. An interval shorter
        than a sample would call back without end here.
        """
        return self._interval_ms <= 0 or self._interval_ms % 10 != 0 or self._rate * self._interval_ms < 1000

    def start(self, now: float) -> None:
        """Start rendering at the time `now`, from which on the participant can be heard."""
        from .renderer_stream import RendererStream  # noqa: PLC0415 - loads numpy

        self.stream = RendererStream(self._rate, self._interval_ms, now)

    def push(self, pcm: bytes) -> None:
        """Render 20 ms of the participant's audio."""
        if self.stream is not None:
            self._deliver(self.stream.push(pcm))

    def fill_silence(self, now: float) -> None:
        """Render silence in place of the frames that are overdue at the time `now`."""
        if self.stream is not None:
            self._deliver(self.stream.fill_silence(now))

    def close(self) -> None:
        """Stop calling the callback."""
        self._closed = True

    def _deliver(self, intervals: Iterable[bytes]) -> None:
        for frames in intervals:
            self._backlog.append(frames)
            if len(self._backlog) * self._interval_ms > _MAX_BACKLOG_MS:
                self._backlog.popleft()
                self._count_dropped()
            else:
                self._dispatcher.post(self._call)

    def _count_dropped(self) -> None:
        self._dropped += 1
        if self._dropped == 1:
            logger.warning(
                "the audio renderer of participant %s (%s) takes longer than its %d ms; it is %d s behind, and audio "
                "that it has not received is being dropped",
                *(self.participant_id, self.source, self._interval_ms, _MAX_BACKLOG_MS // 1000),
            )

    def _call(self) -> None:
        if self._dropped and len(self._backlog) * self._interval_ms < _MAX_BACKLOG_MS // 2:
            logger.warning("the audio renderer of %s has lost %d intervals", self.participant_id, self._dropped)
            self._dropped = 0
        frames = self._backlog.popleft()
        if not self._closed:
            call_user_callback(self._callback, self.participant_id, audio_data(frames, self._rate), self.source)
