"""The thread on which all clients of a process do their network work: one asyncio loop, started by the first use."""

from __future__ import annotations

import asyncio
import os
import threading

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def io_loop() -> asyncio.AbstractEventLoop:
    """The running loop. Its thread is a daemon and ends with the process; a forked child gets one of its own."""
    global _loop  # noqa: PLW0603 - one for each process
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name="daily network", daemon=True).start()
        return _loop


def _forget() -> None:
    """In a forked child the thread is gone, and the lock may have been held."""
    global _lock, _loop
    _lock, _loop = threading.Lock(), None


os.register_at_fork(after_in_child=_forget)
