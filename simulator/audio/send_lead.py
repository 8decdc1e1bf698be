"""How many frames a party sends for those that it has received, so that the other side does not wait for one."""

from __future__ import annotations

from simulator.audio.samples import FRAME_MS

MOST_AHEAD = 500 // FRAME_MS
"""The most frames that wait at the other side. What a longer delay has kept back is not made up for."""
SOUND_AHEAD = 100 // FRAME_MS
"""The frames by which a sound is ahead from its beginning: its first one is due at once, and the next ones are known.
For that long it goes on after `hush`."""
_WINDOW = 1000 // FRAME_MS
"""Frames after which the lead is shortened to what was needed in these and in as many before: 1 s."""


class SendLead:
    """Counts the frames that wait at the other side, which takes one whenever it gives one, every 20 ms.

    A party that a busy machine has kept from running receives several frames at once, and sends as many: the other side
    has had none meanwhile, and keeps those that it has not taken yet for the next delay of that length, which nobody
    hears. A lead that was not needed for 1 s is given up: nothing is sent for that many frames, which delays the sound
    less and loses none of it. A sound is ahead by `SOUND_AHEAD` from its beginning, which costs no time: only the
    frames after the first are early.
    """

    def __init__(self) -> None:
        self._ahead = 0
        self._needed = self._needed_before = 0
        """The longest delays in this window and in the one before, in frames."""
        self._received = 0
        """How many frames have been received in this window."""
        self._surplus = 0
        """How many frames of the lead are to be given up."""

    @property
    def ahead(self) -> int:
        """How many frames the other side has beyond the one that it takes next."""
        return self._ahead

    def frames_for(self, received: int, *, at_least: int = 0) -> int:
        """Return how many frames to send now that `received` frames have come at once.

        With `at_least`, so many frames are to be ahead from now on.
        """
        delayed = min(received - 1, MOST_AHEAD)
        self._needed = max(self._needed, delayed)
        sent = delayed + 1 + max(0, at_least - max(self._ahead, delayed))
        self._ahead = max(self._ahead, delayed, at_least)
        self._received += received
        if self._received >= _WINDOW:
            self._surplus = self._ahead - max(self._needed, self._needed_before, at_least)
            self._needed_before, self._needed, self._received = self._needed, 0, 0
        self._surplus = min(self._surplus, self._ahead - max(delayed, at_least))
        given_up = min(self._surplus, sent)
        self._surplus -= given_up
        self._ahead -= given_up
        return sent - given_up
