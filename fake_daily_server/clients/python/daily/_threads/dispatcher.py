"""Dispatcher: runs the callbacks of one client on a thread of its own, one after the other, in order."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any

from .user_callbacks import call_user_callback

_PostedCall = tuple[Callable[..., object], tuple[Any, ...]]


class Dispatcher:
    """A first-in, first-out queue of user callbacks and the thread that runs them. May be used from any thread.

    An exception in a callback goes to `sys.unraisablehook`, and the next callback runs.
    """

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[_PostedCall | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._running: Callable[..., object] | None = None

    @property
    def running(self) -> Callable[..., object] | None:
        """The callback that is running now, if any."""
        return self._running

    def post(self, callback: Callable[..., object], *args: Any) -> None:
        """Call `callback` after everything that was posted before."""
        self._calls.put((callback, args))
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="daily callbacks", daemon=True)
                self._thread.start()

    def end(self) -> None:
        """End the thread after the calls that were posted so far."""
        self._calls.put(None)

    def is_this_thread(self) -> bool:
        """Whether the caller runs inside a callback of this dispatcher."""
        return self._thread is threading.current_thread()

    def wait(self, within: float) -> bool:
        """Wait at most `within` seconds, after `end`; return whether all callbacks have returned."""
        if self._thread is not None:
            self._thread.join(within)
        return self._thread is None or not self._thread.is_alive()

    def _run(self) -> None:
        while (posted := self._calls.get()) is not None:
            callback, args = posted
            self._running = callback
            call_user_callback(callback, *args)
            self._running = None
            del posted, callback, args
