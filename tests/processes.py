"""Finds processes that a test started, however deep, and did not end.

Descendants are known by a variable in their environment, which also an orphan keeps.
"""

from __future__ import annotations

import os

import psutil

VARIABLE = "DAILY_SIM_TEST_RUN"
GRACE_S = 1.0
"""Workers have this long to notice that nobody holds them any more."""


def mark_descendants() -> None:
    """From now on every process that this one starts is known as its descendant."""
    os.environ[VARIABLE] = str(os.getpid())


def running() -> frozenset[int]:
    """All process ids of this machine."""
    return frozenset(psutil.pids())


def left_over(before: frozenset[int]) -> list[str]:
    """Descendants that began since `before` and are still there, one line each.

    Those whose parent is an older descendant belong to it: a pool that lives for the session starts workers
    in any test.
    """
    leaked = [process for pid in running() - before if (process := _leaked(pid, before))]
    _, alive = psutil.wait_procs(leaked, timeout=GRACE_S)
    return [line for process in alive if (line := _describe(process))]


def _leaked(pid: int, before: frozenset[int]) -> psutil.Process | None:
    try:
        process = psutil.Process(pid)
        parent = process.ppid()
    except psutil.Error:
        return None
    owner_is_older = parent != os.getpid() and parent in before and _is_descendant(parent)
    return process if _is_descendant(pid) and not owner_is_older else None


def _is_descendant(pid: int) -> bool:
    try:
        return psutil.Process(pid).environ().get(VARIABLE) == str(os.getpid())
    except psutil.Error:  # gone, or not ours to look at
        return False


def _describe(process: psutil.Process) -> str | None:
    try:
        return f"{process.pid} {process.status()} {' '.join(process.cmdline())}"
    except psutil.Error:
        return None
