"""Where the callbacks of one client run: a thread of its own, one callback after the other, in order."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast


class Dispatcher:
    """Callbacks and completions of a client, first in, first out, never on a thread of its user.

    What a callback raises goes to `sys.unraisablehook`, as from daily-python, and the next one runs.
    """

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[tuple[Callable[..., object], tuple[Any, ...]] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def post(self, callback: Callable[..., object], *args: Any) -> None:
        """Call it when all that was posted before has been called. Always from the same thread."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="daily callbacks", daemon=True)
            self._thread.start()
        self._calls.put((callback, args))

    def end(self) -> None:
        """The thread ends after what was posted so far; `join` waits for it."""
        self._calls.put(None)

    def join(self) -> None:
        """Wait until all callbacks have returned; on the thread of the callbacks itself, return at once."""
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self) -> None:
        while (call := self._calls.get()) is not None:
            callback, args = call
            try:
                callback(*args)
            except BaseException as error:  # noqa: BLE001 - a callback of the user must not end the others
                _report(error, callback)


def _report(error: BaseException, callback: Callable[..., object]) -> None:
    told = SimpleNamespace(
        exc_type=type(error), exc_value=error, exc_traceback=error.__traceback__, err_msg=None, object=callback
    )
    sys.unraisablehook(cast("sys.UnraisableHookArgs", told))
