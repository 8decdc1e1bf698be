"""Runs commands to SIP workers in the background and records failures on the timeline."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from simulator.errors import CallEnded, SimulatorError
from simulator.timeline import Timeline


class CommandRunner:
    """Runs commands to SIP workers without waiting for their outcome.

    A failure becomes a `worker` record that contains the fields `about` of the runner and of the command. A command
    whose call has already ended is not a failure.
    """

    def __init__(self, timeline: Timeline, **about: Any) -> None:
        self._timeline = timeline
        self._about = about
        self._running: set[asyncio.Task[None]] = set()

    def start(self, command: Coroutine[Any, Any, None], **about: Any) -> asyncio.Task[None]:
        """Run a command as a background task, which is returned; its failure is recorded, not raised."""
        task = asyncio.create_task(self.run(command, **about), name=f"SIP command, {self._about | about}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def run(self, command: Coroutine[Any, Any, None], **about: Any) -> None:
        """Run a command and wait for it; its failure is recorded, not raised."""
        try:
            await command
        except CallEnded:
            return
        except SimulatorError as failure:
            self._timeline.append("worker", action="refuses", error=str(failure), **self._about, **about)
