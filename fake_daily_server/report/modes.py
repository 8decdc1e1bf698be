"""Of which tests there are to be reports, and in which form."""

from __future__ import annotations

OFF, ON, RETAIN_ON_FAILURE = "off", "on", "retain-on-failure"
MODES = (OFF, ON, RETAIN_ON_FAILURE)
"""Of none, of all, of those that failed."""
FOLDER, ONE = "folder", "one"
"""Style and script beside the pages, or each page as one file."""


def is_wanted(mode: str, *, failed: bool) -> bool:
    """Whether a test leaves a report, by one of `MODES`."""
    return mode == ON or (mode == RETAIN_ON_FAILURE and failed)
