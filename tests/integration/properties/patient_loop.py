"""An asyncio loop whose time stands still until it is told to pass: timers cost nothing, nothing happens by luck."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

ROUNDS = 2000
"""After so many turns something goes round in circles."""


class PatientLoop(asyncio.SelectorEventLoop):
    """`settle` runs what is due now, `advance` lets time pass from timer to timer."""

    def __init__(self) -> None:
        self._moment = 1000.0
        super().__init__()
        self.failures: list[str] = []
        """What no task has handled."""
        self.set_exception_handler(lambda _, context: self.failures.append(str(context)))

    def time(self) -> float:
        """Seconds that have passed."""
        return self._moment

    def settle(self) -> None:
        """Let everything happen that waits for nothing but its turn."""
        for _ in range(ROUNDS):
            self.call_soon(self.stop)
            self.run_forever()
            if not self._ready:  # type: ignore[attr-defined]  # the loop's own queue; there is no other way to ask
                return
        raise AssertionError("the loop does not come to rest")

    def advance(self, seconds: float) -> None:
        """Let time pass, every timer at its own moment."""
        end = self._moment + seconds
        self.settle()
        while (due := self._next_timer()) is not None and due <= end:
            self._moment = max(self._moment, due)
            self.settle()
        self._moment = end
        self.settle()

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Begin something, as far as it gets without time."""
        task = self.create_task(work)
        self.settle()
        return task

    def _next_timer(self) -> float | None:
        timers = [timer.when() for timer in self._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]
        return min(timers, default=None)
