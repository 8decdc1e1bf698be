"""The background tasks of a room: hooks of the telephony service one after another, other tasks concurrently."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

logger = logging.getLogger("fake_daily_server.domain.rooms")


class RoomTasks:
    """Runs the background tasks of one room. A task that fails is logged, and does not affect the others."""

    def __init__(self, room_name: str) -> None:
        self._room_name = room_name
        self._last_hook: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine in the background."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(_log_failure)

    def start_hook(self, hook: Callable[[], Awaitable[None]], *, then: Callable[[], None]) -> None:
        """Run a hook in the background, after all earlier hooks, then call `then`, even if the hook has failed."""
        previous = self._last_hook

        async def run() -> None:
            if previous is not None and not previous.done():
                await asyncio.wait([previous])
            try:
                await hook()
            finally:
                then()

        self._last_hook = asyncio.create_task(run(), name=f"telephony of room {self._room_name}")
        self._last_hook.add_done_callback(_log_failure)

    async def hooks_finished(self) -> None:
        """Wait until all hooks have ended, including those that are started meanwhile."""
        while self._last_hook is not None and not self._last_hook.done():
            await asyncio.wait([self._last_hook])


def _log_failure(task: asyncio.Future[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.error("%s failed", task, exc_info=error)
