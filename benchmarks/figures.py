"""What a measurement gives: rows of the table, each with its target and whether it was met."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Progress = Callable[[int, int], None]
"""Called with what is done and what there is to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `measured` is text for people; the numbers behind it are in the other fields."""

    name: str
    measured: str
    target: str = ""
    passed: bool | None = None
    """None when there is no target."""
    median: float | None = None
    p95: float | None = None
    samples: int = 0
    unit: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """How to measure: shorter with `quick`; `progress` for anything that takes over two seconds."""

    quick: bool
    progress: Progress

    def times(self, usual: int) -> int:
        """Repetitions: a fifth of the usual ones, and at least five, when quick."""
        return max(5, usual // 5) if self.quick else usual


def percentile(samples: Sequence[float], share: float) -> float:
    """The smallest sample that at least `share` (0 to 1) of them do not exceed: always one that was measured."""
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def timed(name: str, samples_ms: Sequence[float], *, most_ms: float | None = None, notes: Sequence[str] = ()) -> Row:
    """A row of repeated times in ms. The target, an upper limit, is held against the p95."""
    if not samples_ms:
        raise ValueError(f"{name}: nothing was measured")
    median, p95 = statistics.median(samples_ms), percentile(samples_ms, 0.95)
    return Row(
        name,
        f"median {number(median)} ms   p95 {number(p95)} ms",
        target="" if most_ms is None else f"p95 ≤ {number(most_ms)} ms",
        passed=None if most_ms is None else p95 <= most_ms,
        median=median,
        p95=p95,
        samples=len(samples_ms),
        unit="ms",
        notes=tuple(notes),
    )


def number(value: float) -> str:
    """Three digits that count: 0.42, 5.31, 48.2, 612."""
    if abs(value) >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
