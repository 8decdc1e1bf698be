"""The processes of a group: whether one of them still runs."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")
_ENDED = ("Z", "X")
"""States of processes that have ended and that nobody has waited for (proc(5))."""
_EVERY_S = 0.005


def await_end_of_group(group: int, *, within: float) -> None:
    """Wait until no process of a group runs any more; a killed process runs until it is scheduled once more."""
    deadline = time.monotonic() + within
    while _exists(group) and _runs(group) and time.monotonic() < deadline:
        time.sleep(_EVERY_S)


def _exists(group: int) -> bool:
    """Whether the group has a process, also one that has ended."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # macOS, for processes that have ended
        return False
    return True


def _runs(group: int) -> bool:
    """Whether a process of the group has not ended; always true without /proc."""
    if not _PROC.is_dir():
        return True
    for entry in _PROC.iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):
                state, _, of_group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
                if int(of_group) == group and state not in _ENDED:
                    return True
    return False
