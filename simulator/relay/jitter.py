"""The jitter of a stream of RTP, as its receiver would report it over RTCP (RFC 3550 §6.4.1)."""

from __future__ import annotations

_TURNS = 1 << 32
"""RTP timestamps start again at 0 after as many."""
_SMOOTHING = 16


class Jitter:
    """The smoothed deviation of the time between two packets from that between their timestamps."""

    def __init__(self) -> None:
        self.seconds = 0.0
        """The estimate so far, in seconds."""
        self._last: tuple[int, float, int] | None = None
        """Source, arrival and timestamp of the last packet."""

    def add(self, ssrc: int, at: float, timestamp: int, clock_rate: int) -> None:
        """Take in a packet that its receiver gets at `at` (seconds). Another source begins anew."""
        if self._last is not None and self._last[0] == ssrc:
            _, before, last = self._last
            passed = (timestamp - last + _TURNS // 2) % _TURNS - _TURNS // 2
            self.seconds += (abs(at - before - passed / clock_rate) - self.seconds) / _SMOOTHING
        self._last = ssrc, at, timestamp
