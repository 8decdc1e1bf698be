"""The queue of events that one webhook has yet to receive, one at a time, in the order of their occurrence."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from fake_daily_server.domain.clock import Clock, ScheduledCall
from fake_daily_server.webhooks.webhook_event import WebhookEvent


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to deliver an event; the first has number 1."""

    event: WebhookEvent
    number: int = 1

    def next(self) -> Attempt:
        """The next attempt to deliver the same event."""
        return replace(self, number=self.number + 1)


class DeliveryQueue:
    """Delivers events to one webhook.

    `send` makes one attempt and returns the delay before the next one, in seconds, or None if no attempt follows. While
    an event waits for its next attempt, the events behind it are delivered. At most `limit` events wait.
    """

    def __init__(self, clock: Clock, send: Callable[[Attempt], Awaitable[float | None]], limit: int) -> None:
        self._clock = clock
        self._send = send
        self._limit = limit
        self._due: deque[Attempt] = deque()
        self._retries: list[tuple[ScheduledCall, Attempt]] = []
        self._worker: asyncio.Task[None] | None = None

    @property
    def size(self) -> int:
        """The number of events that wait for their first or a later attempt, without the one that is being sent."""
        return len(self._due) + len(self._retries)

    @property
    def delivering(self) -> asyncio.Task[None] | None:
        """The task that delivers the events that are due; None if none is due."""
        return None if self._worker is None or self._worker.done() else self._worker

    def put(self, event: WebhookEvent) -> bool:
        """Queue an event and return True; if `limit` events wait already, return False."""
        if self.size >= self._limit:
            return False
        self._enqueue(Attempt(event))
        return True

    def clear(self) -> tuple[WebhookEvent, ...]:
        """Remove all waiting events, and return them."""
        removed = [*self._due, *(attempt for _, attempt in self._retries)]
        self._due.clear()
        for scheduled, _ in self._retries:
            scheduled.cancel()
        self._retries.clear()
        return tuple(attempt.event for attempt in removed)

    async def close(self) -> tuple[WebhookEvent, ...]:
        """Stop delivering, abort the attempt in progress, and return the events that were waiting."""
        unsent = self.clear()
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.cancel()
            await asyncio.wait([worker])
        return unsent

    def _enqueue(self, attempt: Attempt) -> None:
        self._due.append(attempt)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._send_due(), name="webhook deliveries")

    async def _send_due(self) -> None:
        while self._due:
            attempt = self._due.popleft()
            delay_s = await self._send(attempt)
            if delay_s is not None:
                self._schedule(attempt.next(), delay_s)

    def _schedule(self, attempt: Attempt, delay_s: float) -> None:
        def due() -> None:
            self._retries.remove(entry)
            self._enqueue(attempt)

        entry = (self._clock.call_at(self._clock() + delay_s, due), attempt)
        self._retries.append(entry)
