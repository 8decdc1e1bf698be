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
    """Whether a process has threads that run: its first may be a zombie while another one still closes its sockets."""
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE or process.num_threads() > 1
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False
