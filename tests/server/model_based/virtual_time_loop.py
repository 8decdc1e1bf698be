"""An asyncio loop with virtual time, which passes only when a test advances it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

MAX_ITERATIONS = 2000
"""After so many iterations of the loop, tasks are taken to wake each other for ever."""


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """`run_ready` runs what is due now, `advance` lets time pass from timer to timer."""

    def __init__(self) -> None:
        self._moment = 1000.0
        super().__init__()
        self.failures: list[str] = []
        """Exceptions that no task has handled."""
        self.set_exception_handler(lambda _, context: self.failures.append(str(context)))

    def time(self) -> float:
        """The virtual time in seconds."""
        return self._moment

    def run_ready(self) -> None:
        """Run everything that needs no time to pass."""
        for _ in range(MAX_ITERATIONS):
            self.call_soon(self.stop)
            self.run_forever()
            if not self._ready:  # type: ignore[attr-defined]  # the loop's own queue; there is no other way to ask
                return
        raise AssertionError("the loop does not come to rest")

    def advance(self, seconds: float) -> None:
        """Let time pass, and run every timer at its own moment."""
        end = self._moment + seconds
        self.run_ready()
        while (due := self._next_timer()) is not None and due <= end:
            self._moment = max(self._moment, due)
            self.run_ready()
        self._moment = end
        self.run_ready()

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Start a task, and run it as far as it gets without time passing."""
        task = self.create_task(work)
        self.run_ready()
        return task

    def _next_timer(self) -> float | None:
        timers = [timer.when() for timer in self._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]
        return min(timers, default=None)
