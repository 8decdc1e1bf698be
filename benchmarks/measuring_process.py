"""`python -m benchmarks.measuring_process NAME [--quick]`: take one measurement in a process of its own.

Prints one JSON object per line: `{"progress": [done, of]}` meanwhile, and `{"rows": […]}` at the end.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import time

from benchmarks.catalogue import by_name
from benchmarks.figures import Run

_PROGRESS_INTERVAL = 0.2
"""Minimum number of seconds between two progress messages."""


class _ProgressPrinter:
    def __init__(self) -> None:
        self._last = 0.0

    def __call__(self, done: int, of: int) -> None:
        now = time.monotonic()
        if now - self._last >= _PROGRESS_INTERVAL or done == of:
            self._last = now
            print(json.dumps({"progress": [done, of]}), flush=True)


def main(name: str, *, quick: bool) -> None:
    """Take the measurement and print its rows."""
    rows = by_name(name).load()(Run(quick, _ProgressPrinter()))
    print(json.dumps({"rows": [dataclasses.asdict(row) for row in rows]}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], quick="--quick" in sys.argv[2:])
