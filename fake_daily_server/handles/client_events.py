"""The events that a client has received, in order, and waits for them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fake_daily_server.handles import matching
from fake_daily_server.handles.event_log import EventLog

MOST_EVENTS = 5000
"""Number of events that a client keeps, the latest ones: a participant may stay in a sandbox for weeks."""


@dataclass(slots=True)
class ReceivedEvent:
    """A received event. `at` is the time of its arrival, in seconds since the client was created."""

    at: float
    event: dict[str, Any]
    handed_out: bool = False

    def __str__(self) -> str:
        return f"+{self.at:.3f} {matching.describe(self.event)}{'  (handed out)' if self.handed_out else ''}"


class ClientEvents(EventLog[ReceivedEvent]):
    """The latest `MOST_EVENTS` events of one client, oldest first."""

    def __init__(self) -> None:
        self.received: list[ReceivedEvent] = []
        self.lost_connection: str | None = None
        """How the connection was closed; None as long as it is open."""
        self._began = time.monotonic()

    def add(self, event: dict[str, Any]) -> None:
        """Append an event that has just been received."""
        self.received.append(ReceivedEvent(time.monotonic() - self._began, event))
        del self.received[:-MOST_EVENTS]

    def items(self) -> Sequence[ReceivedEvent]:
        """The received events, oldest first."""
        return self.received

    def event(self, item: ReceivedEvent) -> Mapping[str, Any]:
        """The event of an item."""
        return item.event

    def was_handed_out(self, item: ReceivedEvent) -> bool:
        """Whether an earlier wait has returned the event."""
        return item.handed_out

    def describe(self, item: ReceivedEvent) -> str:
        """The time of an event's arrival and its content, in one line."""
        return str(item)

    def closed(self) -> str | None:
        """How the connection was closed; None as long as it is open."""
        return self.lost_connection
