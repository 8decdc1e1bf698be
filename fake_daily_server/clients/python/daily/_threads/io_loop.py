"""The asyncio loop, on a dedicated thread, that does the network I/O of all clients of a process."""

from __future__ import annotations

import asyncio
import os
import threading

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def io_loop() -> asyncio.AbstractEventLoop:
    """Return the running loop, started at the first call, on a daemon thread. A forked child gets its own loop."""
    global _loop  # noqa: PLW0603 - one for each process
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name="daily network", daemon=True).start()
        return _loop


def _reset_in_child() -> None:
    """Forget the loop in a forked child: its thread does not exist there, and the lock may have been held."""
    global _lock, _loop
    _lock, _loop = threading.Lock(), None


os.register_at_fork(after_in_child=_reset_in_child)
