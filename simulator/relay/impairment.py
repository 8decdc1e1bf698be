"""Faults in effect: decides for each packet when it is sent on, without clocks or sockets.

`Impairment(Faults(loss=0.2), seed=7).schedule(at, size)` tells when a packet that arrived at `at` is sent: once, twice
(a duplicate) or never.
"""

from __future__ import annotations

import math
import random

from simulator.relay.faults import Faults

_HEADER_BYTES = 28
"""IPv4 and UDP headers."""


class Impairment:
    """The faults of one direction of one call. The same seed and the same packets lead to the same decisions."""

    def __init__(self, faults: Faults, *, seed: int | str = 0) -> None:
        self.faults = faults
        self._random = random.Random(seed)  # noqa: S311  # repeatable, not secret
        self._losing = False
        self._line_free_at = -math.inf
        self._last_sent_at = -math.inf

    def schedule(self, at: float, size: int) -> tuple[float, ...]:
        """When a packet with `size` bytes of UDP payload that arrived at `at` is sent, in seconds of the same clock.

        Empty for a lost packet. Also empty while frozen: the caller has to keep the packet.
        """
        faults = self.faults
        if faults.blocked or faults.frozen or self._is_lost():
            return ()
        moment = at
        if faults.bandwidth_kbps is not None:
            moment = max(at, self._line_free_at)
            if moment - at > faults.queue_ms / 1000:
                return ()
            moment += (size + _HEADER_BYTES) * 8 / (faults.bandwidth_kbps * 1000)
            self._line_free_at = moment
        moment += faults.delay_ms / 1000
        if faults.jitter_ms:
            moment += self._random.random() * faults.jitter_ms / 1000
        moment = self._last_sent_at = max(moment, self._last_sent_at)
        if faults.reordering and self._random.random() < faults.reordering:
            moment += faults.reordering_ms / 1000
        if faults.duplication and self._random.random() < faults.duplication:
            return (moment, moment)
        return (moment,)

    def _is_lost(self) -> bool:
        """Gilbert's model: the bad state, which lasts `burst` packets on average, loses all, the good state none."""
        loss, burst = self.faults.loss, self.faults.burst
        if loss in (0, 1):
            return loss == 1
        if burst == 1:
            return self._random.random() < loss
        leave, enter = 1 / burst, loss / (burst * (1 - loss))
        change = self._random.random()
        self._losing = change >= leave if self._losing else change < enter
        return self._losing
