"""Whether `Daily.init()` was called. daily-python aborts the process of whoever does without; here the log says so."""

from __future__ import annotations

import logging

logger = logging.getLogger("daily")

_done = False


def initialized() -> None:
    """It was called, or the warning is not wanted again."""
    global _done  # noqa: PLW0603 - it is a fact of the process
    _done = True


def needed_by(what: str) -> None:
    """Warn, once in a process, that this would have ended it."""
    if not _done:
        logger.warning("%s before Daily.init(): here that does no harm, but daily-python aborts the process", what)
        initialized()
