"""What installing this project costs every pytest run that does not use it."""

from __future__ import annotations

import importlib.metadata
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.apart import environment
from benchmarks.figures import Row, Run, number

_LIMIT_MS = 15.0
_DRAWS = 2000
_OURS = "fake_daily"
_BROUGHT_ALONG = ("asyncio", "anyio")
"""Plugins of projects that ours depends on."""


def measure(run: Run) -> list[Row]:
    """pytest with our plugin against the same pytest with `-p no:fake_daily`, on one empty test, in turns.

    All other plugins of this environment are off in both, so that their seconds do not hide our milliseconds; what
    they would import anyway then counts as ours. The two follow directly on each other in changing order, so that
    what else the machine does meets both; the figure is the median of the differences, with the interval in which
    95% of the medians of resampled differences lie: where it is wide, the machine was too busy to tell. The note has
    a third run, with the plugins of pytest-asyncio and anyio too, which come with our installation.
    """
    others = sorted({point.name for point in importlib.metadata.entry_points(group="pytest11")} - {_OURS})
    arms = {
        "without": [_OURS, *others],
        "with": others,
        "and theirs": [name for name in others if name not in _BROUGHT_ALONG],
    }
    wall: dict[str, list[float]] = {arm: [] for arm in arms}
    cpu: dict[str, list[float]] = {arm: [] for arm in arms}
    repetitions = run.times(100)
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
    added = _differences(wall["with"], wall["without"])
    median = statistics.median(added)
    low, high = _interval(added)
    cpu_ms = statistics.median(_differences(cpu["with"], cpu["without"]))
    theirs = statistics.median(_differences(wall["and theirs"], wall["with"]))
    return [
        Row(
            "an unused plugin adds to pytest",
            f"{number(median)} ms (95%: {number(low)} to {number(high)})",
            target=f"≤ {number(_LIMIT_MS)} ms",
            passed=median <= _LIMIT_MS,
            median=median,
            samples=len(added),
            unit="ms",
            notes=(
                f"in CPU time {number(cpu_ms)} ms; pytest alone takes {number(statistics.median(wall['without']))} ms",
                f"pytest-asyncio's and anyio's plugins, which are installed with ours, add {number(theirs)} ms more",
            ),
        )
    ]


def _pytest(test: Path, *, blocked: Sequence[str]) -> tuple[float, float]:
    """Wall and CPU time in ms."""
    off = [word for name in (*blocked, "cacheprovider") for word in ("-p", f"no:{name}")]
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", *off, str(test)], cwd=test.parent, env=environment(), stdout=sys.stderr
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"pytest ended with {process.returncode}")
    return wall * 1000, (usage.ru_utime + usage.ru_stime) * 1000


def _differences(more: Sequence[float], less: Sequence[float]) -> list[float]:
    return [one - other for one, other in zip(more, less, strict=True)]


def _interval(samples: Sequence[float]) -> tuple[float, float]:
    draw = random.Random(1)
    medians = sorted(statistics.median(draw.choices(samples, k=len(samples))) for _ in range(_DRAWS))
    return medians[_DRAWS // 40], medians[-_DRAWS // 40 - 1]
