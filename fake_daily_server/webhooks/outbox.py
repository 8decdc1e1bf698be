"""What one webhook has still to be told: first tries in the order of the events, one request at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from fake_daily_server.domain.clock import Clock, ScheduledCall
from fake_daily_server.webhooks.messages import Message


@dataclass(frozen=True, slots=True)
class Try:
    """A message, and which try of it this is, from 1."""

    message: Message
    attempt: int = 1

    def next(self) -> Try:
        """The one after."""
        return replace(self, attempt=self.attempt + 1)


class Outbox:
    """`send` makes one request and returns the pause in s before the next try of its message, None for no more.

    A message that pauses does not hold up those behind it.
    """

    def __init__(self, clock: Clock, send: Callable[[Try], Awaitable[float | None]], most: int) -> None:
        self._clock = clock
        self._send = send
        self._most = most
        self._waiting: deque[Try] = deque()
        self._pausing: list[tuple[ScheduledCall, Try]] = []
        self._worker: asyncio.Task[None] | None = None

    @property
    def size(self) -> int:
        """Messages that wait or pause, without the one that is being sent."""
        return len(self._waiting) + len(self._pausing)

    def put(self, message: Message) -> bool:
        """Send it after those that wait already; False when there is no room for it."""
        if self.size >= self._most:
            return False
        self._enqueue(Try(message))
        return True

    def empty(self) -> tuple[Message, ...]:
        """Take out all that wait or pause."""
        taken = [*self._waiting, *(paused for _, paused in self._pausing)]
        self._waiting.clear()
        for scheduled, _ in self._pausing:
            scheduled.cancel()
        self._pausing.clear()
        return tuple(each.message for each in taken)

    async def close(self) -> tuple[Message, ...]:
        """Send nothing more, not even to the end what is being sent; returns what was not."""
        unsent = self.empty()
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.cancel()
            await asyncio.wait([worker])
        return unsent

    def _enqueue(self, one: Try) -> None:
        self._waiting.append(one)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work(), name="sends webhooks")

    async def _work(self) -> None:
        while self._waiting:
            one = self._waiting.popleft()
            pause_s = await self._send(one)
            if pause_s is not None:
                self._pause(one.next(), pause_s)

    def _pause(self, one: Try, seconds: float) -> None:
        def over() -> None:
            self._pausing.remove(entry)
            self._enqueue(one)

        entry = (self._clock.call_at(self._clock() + seconds, over), one)
        self._pausing.append(entry)
