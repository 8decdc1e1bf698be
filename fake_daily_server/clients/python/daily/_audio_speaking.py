"""What a client says: its outputs, from whatever thread they are written to, as frames for the room."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._audio_output import Hearer, Output
    from ._audio_timeline import Segment
    from ._audio_voice import Track, Voice


class Speaking:
    """Used on the I/O loop; `written` is called on the thread of who writes."""

    def __init__(self, written: Callable[[], object]) -> None:
        self._written = written
        self._voice: Voice | None = None
        self._attached: dict[Output, tuple[Track, Hearer]] = {}

    @property
    def busy(self) -> bool:
        """Whether there is more to say, now or in a moment."""
        return self._voice is not None and self._voice.speaking

    def attach(self, outputs: Collection[Output]) -> None:
        """Say what these outputs play, and nothing else."""
        for output in [output for output in self._attached if output not in outputs]:
            output.detach(self._attached.pop(output)[1])
        for output in outputs:
            if output not in self._attached:
                self._attached[output] = self._begin(output)
        if self._voice is not None:
            self._voice.tracks = [track for track, _ in self._attached.values()]

    def frames(self) -> list[bytes]:
        """What is to be sent now, as 16-bit samples, 20 ms each."""
        return [] if self._voice is None else list(self._voice.frames(time.monotonic()))

    def _begin(self, output: Output) -> tuple[Track, Hearer]:
        from ._audio_voice import Track, Voice  # noqa: PLC0415 - loads numpy

        if self._voice is None:
            self._voice = Voice()
        track = Track(output.rate, output.channels)

        def hear(segment: Segment) -> None:
            track.hear(segment)
            self._written()

        output.attach(hear)
        return track, hear
