"""Warns programs that do not call `Daily.init()`: daily-python aborts them, the stand-in only logs."""

from __future__ import annotations

import logging

logger = logging.getLogger("daily")

_initialized = False


def mark_initialized() -> None:
    """Record that `Daily.init()` was called, or suppress the warning."""
    global _initialized  # noqa: PLW0603 - a fact of the process
    _initialized = True


def warn_unless_initialized(call: str) -> None:
    """Log, once per process, that daily-python would have aborted at this call, unless `Daily.init()` was called."""
    if not _initialized:
        logger.warning("%s before Daily.init(): here that does no harm, but daily-python aborts the process", call)
        mark_initialized()
