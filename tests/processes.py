"""Finds processes that a test started, directly or indirectly, and did not end.

Descendants are recognised by an environment variable, which orphans keep too.
"""

from __future__ import annotations

import os

import psutil

VARIABLE = "DAILY_SIM_TEST_RUN"
GRACE_S = 1.0
"""Seconds within which workers must exit after the end of their parent."""


def mark_descendants() -> None:
    """Mark all processes started from now on as descendants of this one."""
    os.environ[VARIABLE] = str(os.getpid())


def all_process_ids() -> frozenset[int]:
    """The ids of all processes of this machine."""
    return frozenset(psutil.pids())


def remaining_descendants(before: frozenset[int]) -> list[str]:
    """Describe the descendants that were started since `before` and still run, in a line each.

    Children of an older descendant are not included: a session-wide server may start workers in any test.
    """
    remaining = [process for pid in all_process_ids() - before if (process := _remaining_process(pid, before))]
    _, alive = psutil.wait_procs(remaining, timeout=GRACE_S)
    return [line for process in alive if (line := _describe(process))]


def _remaining_process(pid: int, before: frozenset[int]) -> psutil.Process | None:
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
    except psutil.Error:  # it has exited, or belongs to another user
        return False


def _describe(process: psutil.Process) -> str | None:
    try:
        return f"{process.pid} {process.status()} {' '.join(process.cmdline())}"
    except psutil.Error:
        return None
