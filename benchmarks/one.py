"""`python -m benchmarks.one NAME [--quick]`: take one measurement in a process of its own.

Prints one JSON object a line: `{"progress": [done, of]}` now and then, at the end `{"rows": […]}`.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import time

from benchmarks.catalogue import named
from benchmarks.figures import Run

_PROGRESS_EVERY_S = 0.2


class _Teller:
    def __init__(self) -> None:
        self._last = 0.0

    def __call__(self, done: int, of: int) -> None:
        now = time.monotonic()
        if now - self._last >= _PROGRESS_EVERY_S or done == of:
            self._last = now
            print(json.dumps({"progress": [done, of]}), flush=True)


def main(name: str, *, quick: bool) -> None:
    """Measure and print."""
    rows = named(name).load()(Run(quick, _Teller()))
    print(json.dumps({"rows": [dataclasses.asdict(row) for row in rows]}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], quick="--quick" in sys.argv[2:])
