"""What a server and its child processes hold at one moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import psutil

MEGABYTE = 2**20


@dataclass(frozen=True, slots=True)
class ProcessUse:
    """One process; `rss` in bytes. Sockets are among the handles."""

    rss: int
    handles: int
    sockets: int
    threads: int


@dataclass(frozen=True, slots=True)
class Resources:
    """The processes of a server by their ids, and how many calls it has had; `unheard` as `Lane` counts them."""

    minutes: float
    calls: int
    unheard: int
    parent: ProcessUse
    children: dict[int, ProcessUse]

    @property
    def parent_mb(self) -> float:
        return self.parent.rss / MEGABYTE

    @property
    def largest_child_mb(self) -> float:
        """The memory of the child with most of it."""
        return max((child.rss for child in self.children.values()), default=0) / MEGABYTE

    @property
    def handles(self) -> int:
        return sum(each.handles for each in self._all())

    @property
    def sockets(self) -> int:
        return sum(each.sockets for each in self._all())

    @property
    def threads(self) -> int:
        return sum(each.threads for each in self._all())

    def _all(self) -> Iterable[ProcessUse]:
        return (self.parent, *self.children.values())


def resources(server: int, *, minutes: float, calls: int, unheard: int) -> Resources:
    """Look at the process `server` and its children."""
    parent = psutil.Process(server)
    children = {child.pid: _use_of(child) for child in parent.children(recursive=True)}
    return Resources(minutes, calls, unheard, _use_of(parent), children)


def _use_of(process: psutil.Process) -> ProcessUse:
    with process.oneshot():
        return ProcessUse(
            process.memory_info().rss,
            process.num_fds(),
            len(process.net_connections("all")),
            process.num_threads(),
        )
