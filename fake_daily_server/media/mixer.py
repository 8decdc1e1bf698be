"""The mixing itself: each listener gets the sum of those whom it hears. No clock, no sockets, no permissions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from fake_daily_server.media.legs import SAMPLES

if TYPE_CHECKING:
    from fake_daily_server.media.legs import Frame

Hears = Callable[[str, str], bool]
"""Whether the first (a listener) hears the second (a speaker)."""

LOUDEST, LOWEST = 32767, -32768


def all_others(listener: str, speaker: str) -> bool:
    """The rule of a party line."""
    return listener != speaker


class Mixer:
    """A fixed set of speakers and listeners; for another set, or another rule, make another mixer.

    Each tick: put every speaker's 20 ms into its row of `spoken` (zeros when it says nothing), then `mix()`.
    Sums are exact and then limited to 16 bits. A key may be speaker, listener or both.
    """

    def __init__(self, speakers: Sequence[str], listeners: Sequence[str], hears: Hears = all_others) -> None:
        self.speakers = tuple(speakers)
        self.listeners = tuple(listeners)
        self.spoken: np.ndarray[tuple[int, int], np.dtype[np.int16]] = np.zeros((len(speakers), SAMPLES), np.int16)
        self.heard: dict[str, frozenset[str]] = {
            listener: frozenset(speaker for speaker in speakers if hears(listener, speaker)) for listener in listeners
        }
        """By listener."""
        self._total = np.zeros(SAMPLES, np.int32)
        self._sums = np.zeros((len(listeners), SAMPLES), np.int32)
        self._mixed = np.zeros((len(listeners), SAMPLES), np.int16)
        rows = {speaker: row for row, speaker in enumerate(speakers)}
        self._but_one: tuple[list[int], list[int]] = ([], [])
        """Listeners who hear all speakers but one, and that one: the common case, done in one step."""
        self._all: list[int] = []
        self._some: list[tuple[int, list[int]]] = []
        for at, listener in enumerate(listeners):
            deaf_to = [rows[speaker] for speaker in speakers if speaker not in self.heard[listener]]
            if not deaf_to:
                self._all.append(at)
            elif len(deaf_to) == 1 and len(speakers) > 1:
                self._but_one[0].append(at)
                self._but_one[1].append(deaf_to[0])
            else:
                self._some.append((at, [rows[speaker] for speaker in self.heard[listener]]))
        self._plain = self._but_one == (list(range(len(speakers))),) * 2

    def mix(self) -> Sequence[Frame]:
        """What each listener hears, in the order of `listeners`. The arrays are used again by the next call."""
        spoken, sums, total = self.spoken, self._sums, self._total
        np.add.reduce(spoken, axis=0, dtype=np.int32, out=total)
        if self._plain:
            np.subtract(total, spoken, out=sums)
        else:
            self._mix_by_rule()
        np.clip(sums, LOWEST, LOUDEST, out=sums)
        np.copyto(self._mixed, sums, casting="unsafe")
        return self._mixed  # type: ignore[return-value]  # its rows are the frames

    def _mix_by_rule(self) -> None:
        spoken, sums, total = self.spoken, self._sums, self._total
        for at in self._all:
            sums[at] = total
        for at, speaker in zip(*self._but_one, strict=True):
            np.subtract(total, spoken[speaker], out=sums[at])
        for at, speakers in self._some:
            np.add.reduce(spoken[speakers], axis=0, dtype=np.int32, out=sums[at])
