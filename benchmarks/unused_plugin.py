"""Time that the installed but unused plugin adds to a pytest run."""

from __future__ import annotations

import importlib.metadata
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.figures import Row, Run, format_number
from benchmarks.fresh_process import environment

_LIMIT_MS = 15.0
_RESAMPLES = 2000
_OURS = "fake_daily"
_OF_DEPENDENCIES = ("asyncio", "anyio")
"""pytest plugins of packages that this project depends on."""


def measure(run: Run) -> list[Row]:
    """Difference between pytest with this project's plugin and with `-p no:fake_daily`, on one empty test.

    All other plugins of this environment are disabled in both, because they take much longer; modules that both import
    count for this plugin. The two runs alternate in changing order, so that other load affects both. The figure is the
    median of the differences with its 95% bootstrap interval, which is wide if the machine was busy. The note has a
    third run with the plugins of pytest-asyncio and anyio, which are installed with this project.
    """
    others = sorted({point.name for point in importlib.metadata.entry_points(group="pytest11")} - {_OURS})
    arms = {
        "without": [_OURS, *others],
        "with": others,
        "with those of dependencies": [name for name in others if name not in _OF_DEPENDENCIES],
    }
    wall: dict[str, list[float]] = {arm: [] for arm in arms}
    cpu: dict[str, list[float]] = {arm: [] for arm in arms}
    repetitions = run.repetitions(100)
    with tempfile.TemporaryDirectory() as folder:
        test = Path(folder, "test_nothing.py")
        test.write_text("def test_nothing():\n    pass\n", encoding="utf-8")
        order = list(arms)
        for done in range(repetitions + 1):
            order.append(order.pop(0))
            for arm in order if done % 2 else reversed(order):
                wall_ms, cpu_ms = _pytest(test, blocked=arms[arm])
                if done:
                    wall[arm].append(wall_ms)
                    cpu[arm].append(cpu_ms)
            run.progress(done, repetitions)
    return [_row(wall, cpu)]


def _row(wall: Mapping[str, Sequence[float]], cpu: Mapping[str, Sequence[float]]) -> Row:
    added = _differences(wall["with"], wall["without"])
    median = statistics.median(added)
    low, high = _interval(added)
    cpu_ms = statistics.median(_differences(cpu["with"], cpu["without"]))
    alone = statistics.median(wall["without"])
    theirs = statistics.median(_differences(wall["with those of dependencies"], wall["with"]))
    return Row(
        "added to pytest by the unused plugin",
        f"{format_number(median)} ms (95%: {format_number(low)} to {format_number(high)})",
        target=f"≤ {format_number(_LIMIT_MS)} ms",
        passed=median <= _LIMIT_MS,
        median=median,
        samples=len(added),
        unit="ms",
        notes=(
            f"CPU time {format_number(cpu_ms)} ms; pytest alone takes {format_number(alone)} ms",
            f"the plugins of pytest-asyncio and anyio, installed with this project, add {format_number(theirs)} ms",
        ),
    )


def _pytest(test: Path, *, blocked: Sequence[str]) -> tuple[float, float]:
    """Run pytest. Returns wall clock and CPU time in ms."""
    options = [word for name in (*blocked, "cacheprovider") for word in ("-p", f"no:{name}")]
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", *options, str(test)],
        cwd=test.parent,
        env=environment(),
        stdout=sys.stderr,
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"pytest exited with {process.returncode}")
    return wall * 1000, (usage.ru_utime + usage.ru_stime) * 1000


def _differences(more: Sequence[float], less: Sequence[float]) -> list[float]:
    return [one - other for one, other in zip(more, less, strict=True)]


def _interval(samples: Sequence[float]) -> tuple[float, float]:
    rng = random.Random(1)
    medians = sorted(statistics.median(rng.choices(samples, k=len(samples))) for _ in range(_RESAMPLES))
    return medians[_RESAMPLES // 40], medians[-_RESAMPLES // 40 - 1]
