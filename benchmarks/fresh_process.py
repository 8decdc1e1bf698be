"""Takes a measurement in a fresh Python process, so that no figure depends on earlier measurements."""

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


class MeasurementFailed(Exception):
    """A measurement could not be taken; the text is the reason."""


@dataclass(frozen=True, slots=True)
class Result:
    """The figures of a measurement, its duration, and the load average before and after it."""

    name: str
    seconds: float
    load_before: float
    load_after: float
    rows: tuple[Row, ...] = ()
    error: str = ""
    """Why the measurement failed; empty if it did not."""

    def as_dict(self) -> dict[str, Any]:
        """The fields as a JSON object."""
        return {
            "name": self.name,
            "seconds": round(self.seconds, 2),
            "load_before": self.load_before,
            "load_after": self.load_after,
            "error": self.error,
            "rows": [{field: getattr(row, field) for field in Row.__slots__} for row in self.rows],
        }


def environment() -> dict[str, str]:
    """This process's environment, with this project first on the import path of every Python that is started."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path}


def measure_in_fresh_process(measurement: Measurement, *, quick: bool, progress: Progress) -> Result:
    """Take a measurement; a failure is in the result's `error`."""
    began, before = time.monotonic(), machine.load()
    rows: tuple[Row, ...] = ()
    error = ""
    try:
        rows = _run(measurement, quick=quick, progress=progress)
    except MeasurementFailed as failure:
        error = str(failure)
    return Result(measurement.name, time.monotonic() - began, before, machine.load(), rows, error)


def _run(measurement: Measurement, *, quick: bool, progress: Progress) -> tuple[Row, ...]:
    command = [sys.executable, "-m", "benchmarks.measuring_process", measurement.name, *(["--quick"] if quick else [])]
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
        timeout = threading.Timer(measurement.timeout, _kill_group, [process.pid])
        timeout.start()
        try:
            rows = _rows(process, progress)
            status = process.wait()
        finally:
            finished_in_time = timeout.is_alive()
            timeout.cancel()
            _kill_group(process.pid)
        if rows is not None and status == 0:
            return rows
        if not finished_in_time:
            raise MeasurementFailed(f"{measurement.name} did not finish within {measurement.timeout:g} s")
        errors.seek(0)
        last = errors.read().strip().splitlines()
        raise MeasurementFailed("\n".join(last[-12:]) or f"exit status {status}")


def _rows(process: subprocess.Popen[str], progress: Progress) -> tuple[Row, ...] | None:
    rows = None
    assert process.stdout is not None
    for line in process.stdout:
        message = json.loads(line)
        if "progress" in message:
            progress(*message["progress"])
        else:
            rows = tuple(Row(**{**row, "notes": tuple(row["notes"])}) for row in message["rows"])
    return rows


def _kill_group(group: int) -> None:
    """Kill the remaining processes of a measurement, which has a process group of its own."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
