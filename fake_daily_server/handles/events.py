"""The events that were published in rooms, as the timeline has recorded them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from simulator.timeline import Record, Timeline


class Events(list[dict[str, Any]]):
    """A list of events, oldest first."""

    def actions(self) -> list[str]:
        """The names of the events."""
        return [event["action"] for event in self]


def published_events(timeline: Timeline, room: str | None, *, after: int = 0) -> Events:
    """The events published in `room`, or in any room if None, whose timeline records have a `seq` above `after`."""
    records = timeline.records(after=after, kind="event")
    return Events(dict(record.fields["event"]) for record in records if room in (None, record.fields.get("room")))


def call_ids(published: Iterable[Record], *, without: str) -> set[str]:
    """The `sipCallId` of all events in these records, except those of the room `without`."""
    elsewhere = (record.fields["event"] for record in published if record.fields.get("room") != without)
    return {str(event["sipCallId"]) for event in elsewhere if "sipCallId" in event}
