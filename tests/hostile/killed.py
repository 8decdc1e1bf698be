"""Child processes of a server, killed while the server itself stands still."""

from __future__ import annotations

import os
import signal

import psutil

from simulator.owner_loop import OwnerLoop


def children(name: str | None = None) -> list[int]:
    """The process ids of the fork server and the workers of this process: all, or those with a name of `ps`."""
    descendants = psutil.Process().children(recursive=True)
    return [process.pid for process in descendants if _runs(process.pid) and name in (None, process.name())]


async def kill_unnoticed(owner: OwnerLoop, *pids: int) -> None:
    """Kill processes while the owner loop stands still, as that of a server which was stopped meanwhile."""

    async def kill() -> None:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        while any(_runs(pid) for pid in pids):
            pass

    await owner.run(kill())


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
