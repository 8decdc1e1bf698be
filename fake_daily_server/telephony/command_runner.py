"""Runs commands to SIP workers in the background; failures go onto the timeline."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from simulator.errors import CallEnded, SimulatorError
from simulator.timeline import Timeline


class CommandRunner:
    """Runs commands without waiting for their outcome.

    A failure becomes a `worker` record with the fields `about`, those of the runner and those of the command. A command
    that finds its call ended is no failure.
    """

    def __init__(self, timeline: Timeline, **about: Any) -> None:
        self._timeline = timeline
        self._about = about
        self._running: set[asyncio.Task[None]] = set()

    def start(self, command: Coroutine[Any, Any, None], **about: Any) -> None:
        """Run a command in a task of its own."""
        task = asyncio.create_task(self.run(command, **about), name=f"SIP command, {self._about | about}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def run(self, command: Coroutine[Any, Any, None], **about: Any) -> None:
        """Run a command and wait for it; its failure is recorded, not raised."""
        try:
            await command
        except CallEnded:
            return
        except SimulatorError as failure:
            self._timeline.append("worker", action="refuses", error=str(failure), **self._about, **about)
