"""The line of a test that asked for what is made: a call, a phone, a client. For reports of what a test leaves."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_OURS = tuple(f"{_ROOT / name}{os.sep}" for name in ("simulator", "fake_daily_server", "scenarios"))
_LIBRARIES = (f"{Path(os.__file__).parent}{os.sep}", f"{os.sep}site-packages{os.sep}")
_asked_at: ContextVar[str | None] = ContextVar("asked_at", default=None)


def made_at() -> str | None:
    """`path:line` in the code that called this distribution; None when that is a library, such as pytest."""
    return _asked_at.get() or _calling_line()


@contextmanager
def asked_here() -> Iterator[None]:
    """Keep the line that calls this distribution now, for what is made on another thread."""
    token = _asked_at.set(made_at())
    try:
        yield
    finally:
        _asked_at.reset(token)


def _calling_line() -> str | None:
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_filename
        if not name.startswith((*_OURS, "<")) and not _is_contextlib(name):
            in_library = any(library in name for library in _LIBRARIES)
            return None if in_library else f"{name}:{frame.f_lineno}"
        frame = frame.f_back  # type: ignore[assignment]
    return None


def _is_contextlib(name: str) -> bool:
    """Whether a frame is that of a decorated function, which stands between ours and the caller's."""
    return name.endswith(f"{os.sep}contextlib.py")
