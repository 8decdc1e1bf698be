"""Mixing: each listener receives the sum of the speakers that it hears. No clock, no sockets, no permissions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from fake_daily_server.media.audio_frame import FRAME_SAMPLES

if TYPE_CHECKING:
    from fake_daily_server.media.audio_frame import Frame

Hears = Callable[[str, str], bool]
"""`hears(listener, speaker)`: whether the listener's mix contains the speaker."""

LARGEST_SAMPLE, SMALLEST_SAMPLE = 32767, -32768


def hears_all_others(listener: str, speaker: str) -> bool:
    """The rule without permissions: each listener hears all speakers other than itself."""
    return listener != speaker


class Mixer:
    """Mixes a fixed set of speakers for a fixed set of listeners, both given by keys; a change needs a new mixer.

    In each tick, write every speaker's frame into its row of `spoken` (zeros if it has no frame), then call `mix()`.
    Sums are computed in 32 bits and clipped to 16. A key may be a speaker, a listener or both.
    """

    def __init__(self, speakers: Sequence[str], listeners: Sequence[str], hears: Hears = hears_all_others) -> None:
        self.speakers = tuple(speakers)
        self.listeners = tuple(listeners)
        self.spoken: np.ndarray[tuple[int, int], np.dtype[np.int16]] = np.zeros(
            (len(speakers), FRAME_SAMPLES), np.int16
        )
        """The input: one frame per speaker, in the order of `speakers`; shape (speakers, FRAME_SAMPLES), int16."""
        self.heard: dict[str, frozenset[str]] = {
            listener: frozenset(speaker for speaker in speakers if hears(listener, speaker)) for listener in listeners
        }
        """The speakers that each listener hears."""
        self._total = np.zeros(FRAME_SAMPLES, np.int32)
        self._sums = np.zeros((len(listeners), FRAME_SAMPLES), np.int32)
        self._mixed = np.zeros((len(listeners), FRAME_SAMPLES), np.int16)
        self._hear_all: list[int] = []
        self._hear_all_but_one: tuple[list[int], list[int]] = ([], [])
        """Rows of the listeners that hear all speakers but one, and the row of that speaker: the common case."""
        self._hear_some: list[tuple[int, list[int]]] = []
        self._group_listeners()
        self._only_itself_unheard = self._hear_all_but_one == (list(range(len(speakers))),) * 2
        """Whether all keys are both speaker and listener, and each hears all but itself."""

    def mix(self) -> Sequence[Frame]:
        """Return what each listener hears, in the order of `listeners`. The next call reuses the arrays."""
        spoken, sums, total = self.spoken, self._sums, self._total
        np.add.reduce(spoken, axis=0, dtype=np.int32, out=total)
        if self._only_itself_unheard:
            np.subtract(total, spoken, out=sums)
        else:
            self._sum_by_group()
        np.clip(sums, SMALLEST_SAMPLE, LARGEST_SAMPLE, out=sums)
        np.copyto(self._mixed, sums, casting="unsafe")
        return self._mixed  # type: ignore[return-value]  # its rows are the frames

    def _group_listeners(self) -> None:
        rows = {speaker: row for row, speaker in enumerate(self.speakers)}
        for at, listener in enumerate(self.listeners):
            unheard = [rows[speaker] for speaker in self.speakers if speaker not in self.heard[listener]]
            if not unheard:
                self._hear_all.append(at)
            elif len(unheard) == 1 and len(self.speakers) > 1:
                self._hear_all_but_one[0].append(at)
                self._hear_all_but_one[1].append(unheard[0])
            else:
                self._hear_some.append((at, [rows[speaker] for speaker in self.heard[listener]]))

    def _sum_by_group(self) -> None:
        spoken, sums, total = self.spoken, self._sums, self._total
        for at in self._hear_all:
            sums[at] = total
        for at, speaker in zip(*self._hear_all_but_one, strict=True):
            np.subtract(total, spoken[speaker], out=sums[at])
        for at, speakers in self._hear_some:
            np.add.reduce(spoken[speakers], axis=0, dtype=np.int32, out=sums[at])
