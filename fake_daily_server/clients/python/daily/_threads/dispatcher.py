"""Dispatcher: runs the callbacks of one client in order, one after the other, on a dedicated thread."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any

from .user_callbacks import call_user_callback

_PostedCall = tuple[Callable[..., object], tuple[Any, ...]]


class Dispatcher:
    """A FIFO queue of user callbacks, and the thread that runs them. May be used from any thread.

    An exception in a callback goes to `sys.unraisablehook` and does not prevent the next callback.
    """

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[_PostedCall | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._running: Callable[..., object] | None = None

    @property
    def running(self) -> Callable[..., object] | None:
        """The callback that is running now; None if there is none."""
        return self._running

    def post(self, callback: Callable[..., object], *args: Any) -> None:
        """Queue a call of `callback` with `args`."""
        self._calls.put((callback, args))
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="daily callbacks", daemon=True)
                self._thread.start()

    def end(self) -> None:
        """End the thread after all calls queued so far."""
        self._calls.put(None)

    def is_this_thread(self) -> bool:
        """Whether the caller runs inside a callback of this dispatcher."""
        return self._thread is threading.current_thread()

    def wait(self, within: float) -> bool:
        """After `end`, wait at most `within` seconds; returns whether all callbacks have returned."""
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
