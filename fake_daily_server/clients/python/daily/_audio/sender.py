"""AudioSender: converts the outputs that a client publishes into messages for the room."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING

from .wire import audio_header

if TYPE_CHECKING:
    from .mixer import TrackBuffer
    from .output import AudioOutput, SegmentListener
    from .playback_clock import Segment

Streams = Mapping[str | None, Collection["AudioOutput"]]
"""The outputs mixed into each stream, by track id in the room; None is the client's voice."""


class _Stream:
    """One track of the room, mixed from one or more outputs."""

    def __init__(self, track_id: str | None, written: Callable[[], object]) -> None:
        from .mixer import TrackMixer  # noqa: PLC0415 - loads numpy

        self.mixer = TrackMixer()
        self._header = audio_header(track_id)
        self._written = written
        self._attached: dict[AudioOutput, tuple[TrackBuffer, SegmentListener]] = {}

    def set_outputs(self, outputs: Collection[AudioOutput]) -> None:
        for output in [output for output in self._attached if output not in outputs]:
            output.detach(self._attached.pop(output)[1])
        for output in outputs:
            if output not in self._attached:
                self._attached[output] = self._attach(output)
        self.mixer.tracks = [track for track, _ in self._attached.values()]

    def due_messages(self, now: float) -> list[bytes]:
        return [self._header + frame for frame in self.mixer.due_frames(now)]

    def _attach(self, output: AudioOutput) -> tuple[TrackBuffer, SegmentListener]:
        from .mixer import TrackBuffer  # noqa: PLC0415 - loads numpy

        track = TrackBuffer(output.rate, output.channels)

        def take(segment: Segment) -> None:
            track.add(segment)
            self._written()

        output.attach(take)
        return track, take


class AudioSender:
    """The streams that one client sends. Used on the I/O loop; `written` is called on the thread that writes audio."""

    def __init__(self, written: Callable[[], object]) -> None:
        self._written = written
        self._streams: dict[str | None, _Stream] = {}

    @property
    def active(self) -> bool:
        """Whether audio is being sent, so that `due_messages` must be called again."""
        return any(stream.mixer.active for stream in self._streams.values())

    def set_streams(self, streams: Streams) -> None:
        """Send these streams, and no others."""
        for track_id in self._streams.keys() - streams.keys():
            self._streams.pop(track_id).set_outputs(())
        for track_id, outputs in streams.items():
            if track_id not in self._streams:
                self._streams[track_id] = _Stream(track_id, self._written)
            self._streams[track_id].set_outputs(outputs)

    def due_messages(self) -> list[bytes]:
        """Return the messages to send now."""
        now = time.monotonic()
        return [message for stream in self._streams.values() for message in stream.due_messages(now)]
