"""A warning for programs that forget `Daily.init()`: daily-python aborts the process, here it is only logged."""

from __future__ import annotations

import logging

logger = logging.getLogger("daily")

_initialized = False


def mark_initialized() -> None:
    """Record that `Daily.init()` was called, or that no warning is wanted."""
    global _initialized  # noqa: PLW0603 - a fact of the process
    _initialized = True


def warn_unless_initialized(call: str) -> None:
    """Log, once in a process, that daily-python would have aborted at this call."""
    if not _initialized:
        logger.warning("%s before Daily.init(): here that does no harm, but daily-python aborts the process", call)
        mark_initialized()
