"""When the pictures of a source are sent, so that those sent are spaced evenly."""

from __future__ import annotations


class FramePacer:
    """Spaces at most `fps` pictures a second. Times are in seconds of one clock.

    A source of 20 pictures a second gives 15 of them, one each 1/15 s: the newest one waits until it is due.
    """

    def __init__(self, fps: int) -> None:
        self._interval = 1 / fps
        self._due = float("-inf")

    def wait_s(self, now: float) -> float:
        """Seconds until the next picture is due; 0 when it is due already."""
        return max(0.0, self._due - now)

    def sent(self, now: float) -> None:
        """A picture was sent. The next one is due an interval after this one was; after a gap, from now."""
        is_late = now > self._due + self._interval
        self._due = (now if is_late else self._due) + self._interval
