"""The result of a measurement: rows of the table, each with a target and whether it was met."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Progress = Callable[[int, int], None]
"""Called with the number of steps done and the number of all steps."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `measured` is its text in the table; the other fields have the numbers."""

    name: str
    measured: str
    target: str = ""
    passed: bool | None = None
    """Whether the target is met; None without a target."""
    median: float | None = None
    p95: float | None = None
    samples: int = 0
    unit: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """How to measure: with few repetitions if `quick`; `progress` is for measurements of more than two seconds."""

    quick: bool
    progress: Progress

    def repetitions(self, usual: int) -> int:
        """The number of repetitions: `usual`, or a fifth of it but at least five if `quick`."""
        return max(5, usual // 5) if self.quick else usual


def percentile(samples: Sequence[float], share: float) -> float:
    """The smallest sample that at least `share` (0 to 1) of the samples do not exceed, without interpolation."""
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def timed(name: str, samples_ms: Sequence[float], *, limit_ms: float | None = None, notes: Sequence[str] = ()) -> Row:
    """Build a row for repeated times in ms. The target `limit_ms` is compared with the p95."""
    if not samples_ms:
        raise ValueError(f"{name}: there are no samples")
    median, p95 = statistics.median(samples_ms), percentile(samples_ms, 0.95)
    return Row(
        name,
        f"median {format_number(median)} ms   p95 {format_number(p95)} ms",
        target="" if limit_ms is None else f"p95 ≤ {format_number(limit_ms)} ms",
        passed=None if limit_ms is None else p95 <= limit_ms,
        median=median,
        p95=p95,
        samples=len(samples_ms),
        unit="ms",
        notes=tuple(notes),
    )


def format_number(value: float) -> str:
    """A number with three significant digits: 0.42, 5.31, 48.2, 612."""
    if abs(value) >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
