"""Faults on webhook events by name: which event they take, and what becomes of it. Without I/O."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fake_daily_server.webhooks.event_types import EventType
from simulator.fault_count import FaultCount
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
    share: Annotated[float, Field(gt=0, le=1)] = 1
    """The share of these that it takes at random, by `seed`."""
    seed: int | str = 0
    """The seed of all random decisions."""


class WebhookFaults:
    """The faults that are set, and how many events each has seen."""

    def __init__(self) -> None:
        self._faults: list[tuple[WebhookFault, FaultCount]] = []

    def add(self, fault: WebhookFault) -> None:
        """Set a fault, from the next event on."""
        self._faults.append((fault, FaultCount(fault)))

    def clear(self) -> None:
        """Remove all faults."""
        self._faults.clear()

    def take(self, event_type: str) -> tuple[WebhookFaultName, int] | None:
        """Count an event; return the fault that takes it, the oldest first, and the number of the event; or None."""
        taken: tuple[WebhookFaultName, int] | None = None
        for fault, count in self._faults:
            number = count.take() if fault.type == event_type else None
            if taken is None and number is not None:
                taken = fault.fault, number
        return taken
