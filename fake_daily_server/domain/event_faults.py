"""Faults on the events that clients receive, by name: which event they take, and what becomes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from simulator.validation_errors import KnownFieldsModel

EventFaultName = Literal[
    "event-drop", "event-late", "event-twice", "event-out-of-order", "event-without-field", "event-other-value"
]


class EventFault(KnownFieldsModel):
    """A fault on events, such as `{fault: event-drop, action: dialout-stopped}`."""

    fault: EventFaultName
    """What becomes of the event: it never comes, comes late, twice or after the next one of its room, or is changed."""
    action: str
    """The name of the events that it takes."""
    nth: Annotated[int, Field(ge=1)] = 1
    """Number of the first event of this name that it takes, counted from when the fault was set."""
    times: Annotated[int, Field(ge=1)] | Literal["all"] = 1
    """How many events it takes, from that one on."""
    delay_ms: Annotated[int, Field(ge=1, le=60_000)] | None = None
    """With `event-late`: how late the event comes, in ms."""
    field: str | None = None
    """With `event-without-field` and `event-other-value`: the field that is absent or changed."""
    value: str | None = None
    """With `event-other-value`: the value of the field."""

    @model_validator(mode="after")
    def _check_companions(self) -> EventFault:
        if (self.fault == "event-late") != (self.delay_ms is not None):
            raise ValueError("`event-late` requires `delay_ms`; other faults do not have it")
        changes = self.fault in ("event-without-field", "event-other-value")
        if changes != (self.field is not None):
            raise ValueError("`event-without-field` and `event-other-value` require a `field`; others do not have it")
        if (self.fault == "event-other-value") != (self.value is not None):
            raise ValueError("`event-other-value` requires a `value`; other faults do not have it")
        return self

    def changed(self, event: dict[str, Any]) -> dict[str, Any]:
        """The event without the field, or with the other value; as it is with any other fault."""
        if self.field is None:
            return event
        rest = {name: value for name, value in event.items() if name != self.field}
        return rest if self.value is None else {**rest, self.field: self.value}


class EventFaults:
    """The faults that are set, and how many events each has seen."""

    def __init__(self) -> None:
        self._seen: list[tuple[EventFault, list[None]]] = []
        self._late: list[asyncio.TimerHandle] = []

    def __bool__(self) -> bool:
        return bool(self._seen)

    def add(self, fault: EventFault) -> None:
        """Set a fault, from the next event on."""
        self._seen.append((fault, []))

    def clear(self) -> None:
        """Remove all faults; events that are late because of them never come."""
        self._seen.clear()
        for timer in self._late:
            timer.cancel()
        self._late.clear()

    def send_late(self, delay_ms: int, send: Callable[[], None]) -> None:
        """Call `send` after `delay_ms`, unless the faults are removed before."""
        self._late.append(asyncio.get_running_loop().call_later(delay_ms / 1000, send))

    def take(self, action: str) -> tuple[EventFault, int] | None:
        """Count an event; return the fault that takes it, the oldest first, and the number of the event; or None."""
        taken: tuple[EventFault, int] | None = None
        for fault, seen in self._seen:
            if fault.action != action:
                continue
            seen.append(None)
            last = None if fault.times == "all" else fault.nth + fault.times - 1
            if taken is None and len(seen) >= fault.nth and (last is None or len(seen) <= last):
                taken = fault, len(seen)
        return taken
