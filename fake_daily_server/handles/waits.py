"""Waits for events on the timeline: those published in rooms, or those delivered to webhooks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from fake_daily_server.handles import matching
from fake_daily_server.handles.event_log import Event, EventLog, Explain, Wanted, no_reason
from simulator.errors import ConfigurationError
from simulator.patterns import as_pattern
from simulator.timeline import Record, Timeline

AsEvent = Callable[[Record], Event | None]
"""A function that returns the event of a record, with its name as `action`; None for records to ignore."""


class _Records(EventLog[Record]):
    """The records of the timeline with `seq` > `after` that have an event according to `as_event`."""

    def __init__(self, timeline: Timeline, as_event: AsEvent, after: int, handed_out: Collection[int]) -> None:
        self._timeline = timeline
        self._as_event = as_event
        self._after = after
        self._handed_out = handed_out

    def items(self) -> list[Record]:
        """The records, oldest first."""
        return [record for record in self._timeline.records(after=self._after) if self._as_event(record) is not None]

    def event(self, item: Record) -> Event:
        """The event of a record."""
        return self._as_event(item) or {}

    def was_handed_out(self, item: Record) -> bool:
        """Whether an earlier wait has returned the record."""
        return item.seq in self._handed_out

    def describe(self, item: Record) -> str:
        """The time of a record and its event, in one line."""
        return f"+{item.at:.3f} {matching.describe(self.event(item))}"


async def wait_for(
    timeline: Timeline,
    as_event: AsEvent,
    names: Sequence[str],
    where: Mapping[str, Any],
    *,
    after: int = 0,
    handed_out: Collection[int] = (),
    within: float,
    what: str = "",
    explain: Explain = no_reason,
) -> list[Record]:
    """Wait for events with these names in this order; return their records. Raises ExpectationFailed.

    Only records count whose `seq` is greater than `after` and not in `handed_out`. In the error, `what` stands before
    the names, and `explain` may add a reason.
    """
    log = _Records(timeline, as_event, after, handed_out)
    return await log.wait_for(Wanted(names, where, within, what), timeline, explain=explain)


def of_room(name: str | None) -> AsEvent:
    """Create a function that returns the event of a record, if it was published in this room (None: in any room)."""

    def event(record: Record) -> Event | None:
        if record.kind != "event" or name not in (None, record.fields["room"]):
            return None
        published: Event = record.fields["event"]
        return published

    return event


def delivered(record: Record) -> Event | None:
    """The event that a record says was sent to a webhook and answered, with any status; None for other records."""
    fields = record.fields
    if record.kind != "webhook" or fields.get("purpose") != "event" or "status" not in fields:
        return None
    return {"action": fields["type"], **fields["payload"]}


def read_conditions(where: Mapping[str, Any]) -> dict[str, Any]:
    """Read conditions from JSON: `/busy/` and `/busy/i` are patterns, anything else is a value.

    Raises ConfigurationError for a pattern that is not a regular expression.
    """
    return {path: _condition(path, value) for path, value in where.items()}


def _condition(path: str, value: Any) -> Any:
    try:
        return (as_pattern(value) if isinstance(value, str) else None) or value
    except ConfigurationError as wrong:
        raise ConfigurationError(f"where.{path}", value, wrong.allowed) from None
