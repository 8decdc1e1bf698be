"""SIP verbs that nobody waits for: done in the background, their failures on the timeline."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from simulator.errors import CallEnded, SimulatorError
from simulator.timeline import Timeline


class Commands:
    """`about` are fields of the records of failures. A verb on a call that has ended meanwhile is no failure."""

    def __init__(self, timeline: Timeline, **about: Any) -> None:
        self._timeline = timeline
        self._about = about
        self._running: set[asyncio.Task[None]] = set()

    def start(self, verb: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do it in the background."""
        task = asyncio.create_task(self.guarded(verb), name=f"SIP command, {self._about}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def guarded(self, verb: Coroutine[Any, Any, None]) -> None:
        """Do it now."""
        try:
            await verb
        except CallEnded:
            return
        except SimulatorError as failure:
            self._timeline.append("worker", action="refuses", error=str(failure), **self._about)
