"""Faults on the events that clients receive, by name: which event they take, and what becomes of it. Without I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from simulator.errors import ConfigurationError
from simulator.fault_count import FaultList
from simulator.validation_errors import KnownFieldsModel, with_nearest

EventFaultName = Literal[
    "event-drop", "event-delay", "event-duplicate", "event-out-of-order", "event-without-field", "event-other-value"
]


class EventFault(KnownFieldsModel):
    """A fault on events, such as `{fault: event-drop, event: dialout-answered}`."""

    fault: EventFaultName
    """What becomes of the event: the client never receives it, late, twice, after the next one, or changed."""
    event: str | None = None
    """The events that it takes, such as `dialout-answered`; by default all."""
    client: str | None = None
    """The user name of the client that it concerns; by default all clients."""
    nth: Annotated[int, Field(ge=1)] = 1
    """Number of the first such event that it takes, counted for each client from when the fault was set."""
    times: Annotated[int, Field(ge=1)] | Literal["all"] = 1
    """How many events it takes of each client, from that one on."""
    share: Annotated[float, Field(gt=0, le=1)] = 1
    """The share of these events that it takes at random, by `seed`."""
    seed: int | str = 0
    """The seed of all random decisions."""
    delay_ms: Annotated[int, Field(ge=1, le=60_000)] | None = None
    """With `event-delay`: how late the event comes, in ms. Later events are not held up."""
    field: str | None = None
    """With `event-without-field` and `event-other-value`: the field that is absent, or has another value."""
    value: str | None = None
    """With `event-other-value`: the value of the field."""

    @field_validator("event")
    @classmethod
    def _check_event(cls, event: str | None) -> str | None:
        from fake_daily_server.signalling.events import EVENT_FIELDS  # noqa: PLC0415  # loads all models of events

        if event is not None and event not in EVENT_FIELDS:
            raise ConfigurationError("event", event, with_nearest("an event of clients", event, EVENT_FIELDS))
        return event

    @model_validator(mode="after")
    def _check_companions(self) -> EventFault:
        if (self.fault == "event-delay") != (self.delay_ms is not None):
            raise ValueError("`event-delay` requires `delay_ms`; other faults do not have it")
        if (self.fault in ("event-without-field", "event-other-value")) != (self.field is not None):
            raise ValueError("`event-without-field` and `event-other-value` require `field`; others do not have it")
        if (self.fault == "event-other-value") != (self.value is not None):
            raise ValueError("`event-other-value` requires `value`; other faults do not have it")
        return self

    def changed(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The event without the field, or with the other value."""
        rest = {name: value for name, value in event.items() if name != self.field}
        return rest if self.field is None or self.value is None else {**rest, self.field: self.value}


class EventFaults(FaultList[EventFault]):
    """The faults that are set, and how many events of each client each has seen."""

    def take(self, event: Mapping[str, Any], client: str, session_id: str) -> tuple[EventFault, int] | None:
        """Count an event that a client is to receive; return the fault that takes it, the oldest first; or None.

        With the fault comes the number of the event among those of this client that the fault concerns.
        """
        taken: tuple[EventFault, int] | None = None
        for fault, count in self._faults:
            if fault.event not in (None, event.get("action")) or fault.client not in (None, client):
                continue
            number = count.take(session_id)
            if taken is None and number is not None:
                taken = fault, number
        return taken
