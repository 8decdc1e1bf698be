"""What a bad line does to packets: said as data, decided by a seeded generator, without clocks or sockets.

`Impairment(Faults(loss=0.2), seed=7).schedule(at, size)` says when a packet that came in at `at` goes out: at one
moment, at several (duplicates), or never.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, fields
from typing import Literal, Self

from simulator.errors import ConfigurationError

_SHARES = ("loss", "duplication", "reordering")
_TIMES = ("burst_ms", "delay_ms", "jitter_ms", "reordering_ms", "queue_ms")
_LONGEST_MS = 60_000


@dataclass(frozen=True, slots=True)
class Faults:
    """What happens to the packets of one direction. Shares are 0 to 1, times are ms; the default is a clean line.

    The order on the way: freeze, loss, bandwidth, delay and jitter, reordering, duplication.
    """

    loss: float = 0.0
    """Share of packets that are lost in the long run."""
    burst: float = 1.0
    """Packets that are lost in a row, on average: 1 is loss at random, more is Gilbert's model of two states."""
    delay_ms: float = 0.0
    """For every packet."""
    jitter_ms: float = 0.0
    """Up to so much more, uniformly; packets stay in order (one that is late holds up those behind it)."""
    reordering: float = 0.0
    """Share of packets that are held back by `reordering_ms` while others overtake."""
    reordering_ms: float = 30.0
    duplication: float = 0.0
    """Share of packets that arrive twice."""
    bandwidth_kbps: float | None = None
    """Of IP packets, headers included; what does not fit waits, and is lost when it would wait over `queue_ms`."""
    queue_ms: float = 200.0
    blocked: bool = False
    """Nothing passes: on one direction of a call, one-way audio."""
    frozen: bool = False
    """Nothing passes for now: all that came in meanwhile goes out at once when the line thaws."""

    def __post_init__(self) -> None:
        for name in _SHARES:
            self._check(name, 0, 1, "a share from 0 to 1")
        for name in ("delay_ms", "jitter_ms", "reordering_ms", "queue_ms"):
            self._check(name, 0, _LONGEST_MS, f"ms from 0 to {_LONGEST_MS}")
        self._check("burst", 1, 1000, "packets in a row, from 1 to 1000")
        if self.bandwidth_kbps is not None:
            self._check("bandwidth_kbps", 1, 10**6, "kbit/s from 1 to 1000000")
        if self.burst > 1 and self.burst / (1 + self.burst) < self.loss < 1:
            least = math.ceil(round(10 * self.loss / (1 - self.loss), 6)) / 10
            raise ConfigurationError("burst", self.burst, f"{least:g} or more, for a loss of {self.loss:g}")

    def _check(self, name: str, low: float, high: float, allowed: str) -> None:
        value = getattr(self, name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ConfigurationError(name, value, allowed)

    @classmethod
    def of(cls, described: dict[str, object]) -> Self:
        """From a mapping, as a scenario or a JSON body has it; an unknown name is a ConfigurationError."""
        known = [field.name for field in fields(cls)]
        for name in described:
            if name not in known:
                raise ConfigurationError("faults", name, ", ".join(known))
        for name in ("blocked", "frozen"):
            if not isinstance(described.get(name, False), bool):
                raise ConfigurationError(name, described[name], "true or false")
        return cls(**described)  # type: ignore[arg-type]  # the checks are in __post_init__

    @property
    def clean(self) -> bool:
        """Whether packets pass as if nothing were there."""
        return self == _CLEAN

    def __str__(self) -> str:
        said = [
            f"{field.name}={getattr(self, field.name)}"
            for field in fields(self)
            if getattr(self, field.name) != field.default
        ]
        return " ".join(said) or "clean"


Direction = Literal["to_phone", "from_phone", "both"]
"""Of packets, as seen from a phone."""


@dataclass(frozen=True, slots=True)
class BadLine:
    """How a phone's line is bad: faults, their direction, and the seed that makes them repeatable."""

    faults: Faults
    direction: Direction = "both"
    seed: int | str = 0

    def __post_init__(self) -> None:
        if self.direction not in ("to_phone", "from_phone", "both"):
            raise ConfigurationError("direction", self.direction, "to_phone, from_phone or both")

    def __str__(self) -> str:
        return f"{self.faults} ({self.direction.replace('_', ' ')})"


_CLEAN = Faults()
_HEADERS = 28
"""Bytes of IPv4 and UDP headers."""


class Impairment:
    """Faults at work on one direction of one call. The same seed and packets give the same fates."""

    def __init__(self, faults: Faults, *, seed: int | str = 0) -> None:
        self.faults = faults
        self._random = random.Random(seed)  # noqa: S311  # repeatable, not secret
        self._losing = False
        self._free_at = -math.inf
        self._last = -math.inf

    def schedule(self, at: float, size: int) -> tuple[float, ...]:
        """The moments (seconds, on the clock of `at`) when a packet with `size` bytes of UDP payload goes out.

        Empty when it is lost. A frozen line has no moments either: whoever asks keeps its packets back.
        """
        faults = self.faults
        if faults.blocked or faults.frozen or self._is_lost():
            return ()
        moment = at
        if faults.bandwidth_kbps is not None:
            moment = max(at, self._free_at)
            if moment - at > faults.queue_ms / 1000:
                return ()
            moment += (size + _HEADERS) * 8 / (faults.bandwidth_kbps * 1000)
            self._free_at = moment
        moment += faults.delay_ms / 1000
        if faults.jitter_ms:
            moment += self._random.random() * faults.jitter_ms / 1000
        moment = self._last = max(moment, self._last)
        if faults.reordering and self._random.random() < faults.reordering:
            moment += faults.reordering_ms / 1000
        if faults.duplication and self._random.random() < faults.duplication:
            return (moment, moment)
        return (moment,)

    def _is_lost(self) -> bool:
        """Gilbert's chain: lose all in the bad state, whose mean length is `burst`, and none in the good one."""
        loss, burst = self.faults.loss, self.faults.burst
        if loss in (0, 1):
            return loss == 1
        if burst == 1:
            return self._random.random() < loss
        leave, enter = 1 / burst, loss / (burst * (1 - loss))
        change = self._random.random()
        self._losing = change >= leave if self._losing else change < enter
        return self._losing
