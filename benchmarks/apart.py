"""Takes one measurement in a fresh Python process, so that no figure depends on those before it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.catalogue import Measurement
from benchmarks.figures import Progress, Row

ROOT = Path(__file__).resolve().parents[1]


class NotMeasured(Exception):
    """A measurement could not be taken; the text says why."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A measurement with its circumstances."""

    name: str
    seconds: float
    load_before: float
    load_after: float
    rows: tuple[Row, ...] = ()
    error: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "name": self.name,
            "seconds": round(self.seconds, 2),
            "load_before": self.load_before,
            "load_after": self.load_after,
            "error": self.error,
            "rows": [{field: getattr(row, field) for field in Row.__slots__} for row in self.rows],
        }


def environment() -> dict[str, str]:
    """Ours, with this very project first on the path of every Python that is started."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path}


def take(measurement: Measurement, *, quick: bool, progress: Progress) -> Taken:
    """Measure; what goes wrong is in `error`."""
    began, before = time.monotonic(), machine.load()
    rows: tuple[Row, ...] = ()
    error = ""
    try:
        rows = _run(measurement, quick=quick, progress=progress)
    except NotMeasured as wrong:
        error = str(wrong)
    return Taken(measurement.name, time.monotonic() - began, before, machine.load(), rows, error)


def _run(measurement: Measurement, *, quick: bool, progress: Progress) -> tuple[Row, ...]:
    command = [sys.executable, "-m", "benchmarks.one", measurement.name, *(["--quick"] if quick else [])]
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
            text=True,
        ) as process,
    ):
        late = threading.Timer(measurement.limit_s, _end, [process.pid])
        late.start()
        try:
            rows = _rows(process, progress)
            status = process.wait()
        finally:
            finished_in_time = late.is_alive()
            late.cancel()
            _end(process.pid)
        if rows is not None and status == 0:
            return rows
        if not finished_in_time:
            raise NotMeasured(f"it did not end within {measurement.limit_s:g} s")
        errors.seek(0)
        last = errors.read().strip().splitlines()
        raise NotMeasured("\n".join(last[-12:]) or f"exit status {status}")


def _rows(process: subprocess.Popen[str], progress: Progress) -> tuple[Row, ...] | None:
    rows = None
    assert process.stdout is not None
    for line in process.stdout:
        told = json.loads(line)
        if "progress" in told:
            progress(*told["progress"])
        else:
            rows = tuple(Row(**{**row, "notes": tuple(row["notes"])}) for row in told["rows"])
    return rows


def _end(group: int) -> None:
    """End what is left of a measurement's process group, which is ours alone."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
