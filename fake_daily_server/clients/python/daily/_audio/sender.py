"""What a client says: its outputs, from whatever thread they are written to, as messages for the room."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING

from .wire import header

if TYPE_CHECKING:
    from .mixer import Track
    from .output import Hearer, Output
    from .playback_clock import Segment

Streams = Mapping[str | None, Collection["Output"]]
"""What is said: outputs that are mixed, by the id of the track in the room; None is the client's voice."""


class _Stream:
    """One of them."""

    def __init__(self, track_id: str | None, written: Callable[[], object]) -> None:
        from .mixer import Voice  # noqa: PLC0415 - loads numpy

        self.voice = Voice()
        self._header = header(track_id)
        self._written = written
        self._attached: dict[Output, tuple[Track, Hearer]] = {}

    def attach(self, outputs: Collection[Output]) -> None:
        for output in [output for output in self._attached if output not in outputs]:
            output.detach(self._attached.pop(output)[1])
        for output in outputs:
            if output not in self._attached:
                self._attached[output] = self._begin(output)
        self.voice.tracks = [track for track, _ in self._attached.values()]

    def messages(self, now: float) -> list[bytes]:
        return [self._header + frame for frame in self.voice.frames(now)]

    def _begin(self, output: Output) -> tuple[Track, Hearer]:
        from .mixer import Track  # noqa: PLC0415 - loads numpy

        track = Track(output.rate, output.channels)

        def hear(segment: Segment) -> None:
            track.hear(segment)
            self._written()

        output.attach(hear)
        return track, hear


class Speaking:
    """Used on the I/O loop; `written` is called on the thread of who writes."""

    def __init__(self, written: Callable[[], object]) -> None:
        self._written = written
        self._streams: dict[str | None, _Stream] = {}

    @property
    def busy(self) -> bool:
        """Whether there is more to say, now or in a moment."""
        return any(stream.voice.speaking for stream in self._streams.values())

    def arrange(self, streams: Streams) -> None:
        """Say this from now on, and nothing else."""
        for track_id in self._streams.keys() - streams.keys():
            self._streams.pop(track_id).attach(())
        for track_id, outputs in streams.items():
            if track_id not in self._streams:
                self._streams[track_id] = _Stream(track_id, self._written)
            self._streams[track_id].attach(outputs)

    def messages(self) -> list[bytes]:
        """What is to be sent now."""
        now = time.monotonic()
        return [message for stream in self._streams.values() for message in stream.messages(now)]
