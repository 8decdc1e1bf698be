"""Faults on webhook events by name: which event they take, and what becomes of it. Without I/O."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fake_daily_server.webhooks.event_types import EventType
from simulator.validation_errors import KnownFieldsModel

WebhookFaultName = Literal["webhook-drop", "webhook-twice", "webhook-out-of-order", "webhook-bad-signature"]


class WebhookFault(KnownFieldsModel):
    """A fault on webhook events, such as `{fault: webhook-twice, type: dialout.answered}`."""

    fault: WebhookFaultName
    """What becomes of the event: it is not sent, sent twice, sent after the next one, or signed with another key."""
    type: EventType
    """The type of the events that it takes."""
    nth: Annotated[int, Field(ge=1)] = 1
    """Number of the first event of this type that it takes, counted from when the fault was set."""
    times: Annotated[int, Field(ge=1)] | Literal["all"] = 1
    """How many events it takes, from that one on."""


class WebhookFaults:
    """The faults that are set, and how many events each has seen."""

    def __init__(self) -> None:
        self._seen: list[tuple[WebhookFault, list[None]]] = []

    def add(self, fault: WebhookFault) -> None:
        """Set a fault, from the next event on."""
        self._seen.append((fault, []))

    def clear(self) -> None:
        """Remove all faults."""
        self._seen.clear()

    def take(self, event_type: str) -> tuple[WebhookFaultName, int] | None:
        """Count an event; return the fault that takes it, the oldest first, and the number of the event; or None."""
        taken: tuple[WebhookFaultName, int] | None = None
        for fault, seen in self._seen:
            if fault.type != event_type:
                continue
            seen.append(None)
            last = None if fault.times == "all" else fault.nth + fault.times - 1
            if taken is None and len(seen) >= fault.nth and (last is None or len(seen) <= last):
                taken = fault.fault, len(seen)
        return taken
