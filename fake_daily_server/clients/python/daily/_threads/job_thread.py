"""A thread that does one thing after the other, and is there only while there is something to do."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from .user_callbacks import call

Job = Callable[[], object]

_IDLE_S = 1.0
"""After so long without work the thread ends."""


class Worker:
    """First in, first out. What a job raises goes to `sys.unraisablehook`, and the next one is done."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._running: threading.Thread | None = None

    def put(self, job: Job) -> None:
        """Do this when all before it is done."""
        with self._lock:
            self._jobs.put(job)
            if self._running is None:
                self._running = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._running.start()

    def wait(self) -> None:
        """Return when all that was to be done is done; a job of its own does not wait."""
        if self._running not in {None, threading.current_thread()}:
            done = threading.Event()
            self.put(done.set)
            done.wait()

    def _run(self) -> None:
        while (job := self._next()) is not None:
            call(job)

    def _next(self) -> Job | None:
        try:
            return self._jobs.get(timeout=_IDLE_S)
        except queue.Empty:
            with self._lock:
                if not self._jobs.empty():
                    return self._jobs.get()
                self._running = None
                return None
