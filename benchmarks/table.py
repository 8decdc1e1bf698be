"""Prints the table: each measurement once it is taken, and the progress of the current one."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TextIO

from benchmarks.figures import Row
from benchmarks.fresh_process import Result

_MARKS = {True: "✓", False: "✗ missed", None: ""}
_NAME, _MEASURED, _TARGET = 46, 40, 18


class Table:
    """Prints the table. On a terminal, progress is one line that is overwritten; elsewhere a line every 10 s."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out
        self._live = out.isatty()
        self._last_progress_at = 0.0
        self._name = ""
        self._began = 0.0

    def head(self, machine: Mapping[str, object], *, load: float, quick: bool) -> None:
        """Print the machine, the time and the load."""
        self._print(f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}")
        self._print(f"{machine['python']}, {datetime.now().astimezone():%Y-%m-%d %H:%M %Z}, load average {load:.2f}")
        if quick:
            self._print("--quick: few repetitions, so the p95 is close to the maximum")
        self._print()
        self._print(f"{'':{_NAME}}{'measured':{_MEASURED}}{'target':{_TARGET}}")

    def begin(self, name: str) -> None:
        """Show the name of a measurement that begins."""
        self._name, self._began = name, time.monotonic()
        self._last_progress_at = self._began
        if self._live:
            self._overwrite(f"{name} …")

    def progress(self, done: int, of: int) -> None:
        """Show the progress of the current measurement."""
        seconds = time.monotonic() - self._began
        line = f"{self._name} … {done}/{of}  {seconds:.0f} s"
        if self._live:
            self._overwrite(line)
        elif time.monotonic() - self._last_progress_at >= 10:
            self._last_progress_at = time.monotonic()
            self._print(f"  {line}")

    def end(self, result: Result) -> None:
        """Print the rows of a completed measurement."""
        if self._live:
            self._overwrite("")
        busy = f"{result.seconds:.0f} s, load {result.load_before:.2f} → {result.load_after:.2f}"
        self._print(f"{result.name}  ({busy})")
        for row in result.rows:
            self._row(row)
        if result.error:
            self._print("  the measurement failed:")
            for line in result.error.splitlines():
                self._print(f"    {line}")

    def foot(self, results: Sequence[Result]) -> None:
        """Print how many targets were met."""
        judged = [row for result in results for row in result.rows if row.passed is not None]
        missed = [row.name for row in judged if not row.passed]
        failed = [result.name for result in results if result.error]
        self._print()
        self._print(f"{len(judged) - len(missed)} of {len(judged)} targets met")
        if missed:
            self._print(f"missed: {', '.join(missed)}")
        if failed:
            self._print(f"failed: {', '.join(failed)}")

    def _row(self, row: Row) -> None:
        count = f"n={row.samples}" if row.samples else ""
        measured = f"{row.measured}   {count}".rstrip()
        self._print(
            f"  {row.name:{_NAME - 3}} {measured:{_MEASURED}}  {row.target:{_TARGET - 1}} {_MARKS[row.passed]}".rstrip()
        )
        for note in row.notes:
            self._print(f"      {note}")

    def _overwrite(self, line: str) -> None:
        self._out.write(f"\r\033[K{line}")
        self._out.flush()

    def _print(self, line: str = "") -> None:
        print(line, file=self._out, flush=True)
