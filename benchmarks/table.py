"""Prints the table, measurement by measurement as it is taken, and what is going on meanwhile."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TextIO

from benchmarks.apart import Taken
from benchmarks.figures import Row

_MARKS = {True: "✓", False: "✗ missed", None: ""}
_NAME, _MEASURED, _TARGET = 46, 40, 18


class Table:
    """On a terminal progress overwrites itself; elsewhere it is a line every ten seconds."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out
        self._live = out.isatty()
        self._told = 0.0
        self._now = ""
        self._began = 0.0

    def head(self, machine: Mapping[str, object], *, load: float, quick: bool) -> None:
        """Which machine, when, how busy."""
        self._say(f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}")
        self._say(f"{machine['python']}, {datetime.now().astimezone():%Y-%m-%d %H:%M %Z}, load average {load:.2f}")
        if quick:
            self._say("--quick: few repetitions, so p95 is little more than the worst")
        self._say()
        self._say(f"{'':{_NAME}}{'measured':{_MEASURED}}{'target':{_TARGET}}")

    def begin(self, name: str) -> None:
        """A measurement starts."""
        self._now, self._began = name, time.monotonic()
        self._told = self._began
        if self._live:
            self._overwrite(f"{name} …")

    def progress(self, done: int, of: int) -> None:
        """So much of it is done."""
        seconds = time.monotonic() - self._began
        line = f"{self._now} … {done}/{of}  {seconds:.0f} s"
        if self._live:
            self._overwrite(line)
        elif time.monotonic() - self._told >= 10:
            self._told = time.monotonic()
            self._say(f"  {line}")

    def end(self, taken: Taken) -> None:
        """Its rows."""
        if self._live:
            self._overwrite("")
        busy = f"{taken.seconds:.0f} s, load {taken.load_before:.2f} → {taken.load_after:.2f}"
        self._say(f"{taken.name}  ({busy})")
        for row in taken.rows:
            self._row(row)
        if taken.error:
            self._say("  could not be measured:")
            for line in taken.error.splitlines():
                self._say(f"    {line}")

    def foot(self, all_taken: Sequence[Taken]) -> None:
        """The sum of it."""
        judged = [row for taken in all_taken for row in taken.rows if row.passed is not None]
        missed = [row.name for row in judged if not row.passed]
        failed = [taken.name for taken in all_taken if taken.error]
        self._say()
        self._say(f"{len(judged) - len(missed)} of {len(judged)} targets met")
        if missed:
            self._say(f"missed: {', '.join(missed)}")
        if failed:
            self._say(f"could not be measured: {', '.join(failed)}")

    def _row(self, row: Row) -> None:
        count = f"n={row.samples}" if row.samples else ""
        measured = f"{row.measured}   {count}".rstrip()
        self._say(
            f"  {row.name:{_NAME - 2}}{measured:{_MEASURED}}  {row.target:{_TARGET}}{_MARKS[row.passed]}".rstrip()
        )
        for note in row.notes:
            self._say(f"      {note}")

    def _overwrite(self, line: str) -> None:
        self._out.write(f"\r\033[K{line}")
        self._out.flush()

    def _say(self, line: str = "") -> None:
        print(line, file=self._out, flush=True)
