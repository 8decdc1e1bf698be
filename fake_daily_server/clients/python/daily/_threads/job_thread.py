"""JobThread: runs jobs one after the other on a thread that exists only while jobs are queued."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from .user_callbacks import call_user_callback

Job = Callable[[], object]

_IDLE_S = 1.0
"""How long the thread waits for another job before it ends."""


class JobThread:
    """A FIFO queue of jobs. An exception in a job goes to `sys.unraisablehook` and does not prevent the next job."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._running: threading.Thread | None = None

    def submit(self, job: Job) -> None:
        """Queue `job` after all jobs submitted earlier."""
        with self._lock:
            self._jobs.put(job)
            if self._running is None:
                self._running = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._running.start()

    def wait(self) -> None:
        """Wait until all submitted jobs are done; inside a job, return at once."""
        if self._running not in {None, threading.current_thread()}:
            done = threading.Event()
            self.submit(done.set)
            done.wait()

    def _run(self) -> None:
        while (job := self._next()) is not None:
            call_user_callback(job)

    def _next(self) -> Job | None:
        try:
            return self._jobs.get(timeout=_IDLE_S)
        except queue.Empty:
            with self._lock:
                if not self._jobs.empty():
                    return self._jobs.get()
                self._running = None
                return None
