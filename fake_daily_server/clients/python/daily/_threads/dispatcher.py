"""Where the callbacks of one client run: a thread of its own, one callback after the other, in order."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any

from . import user_callbacks as _unraisable

Called = tuple[Callable[..., object], tuple[Any, ...]]


class Dispatcher:
    """Callbacks and completions of a client, first in, first out, never on a thread of its user.

    What a callback raises goes to `sys.unraisablehook`, and the next one runs. May be used from any thread.
    """

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[Called | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._running: Callable[..., object] | None = None

    @property
    def running(self) -> Callable[..., object] | None:
        """The callback that has not returned yet."""
        return self._running

    def post(self, callback: Callable[..., object], *args: Any) -> None:
        """Call it when all that was posted before has been called."""
        self._calls.put((callback, args))
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="daily callbacks", daemon=True)
                self._thread.start()

    def end(self) -> None:
        """The thread ends after what was posted so far."""
        self._calls.put(None)

    def is_this_thread(self) -> bool:
        """Whether the caller is in a callback."""
        return self._thread is threading.current_thread()

    def wait(self, within: float) -> bool:
        """Whether all callbacks have returned, after `end`, in so many seconds."""
        if self._thread is not None:
            self._thread.join(within)
        return self._thread is None or not self._thread.is_alive()

    def _run(self) -> None:
        while (called := self._calls.get()) is not None:
            callback, args = called
            self._running = callback
            _unraisable.call(callback, *args)
            self._running = None
            del called, callback, args
