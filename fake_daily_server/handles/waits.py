"""Waiting for something on the timeline that looks like an event: of a room, or as webhooks were told it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from fake_daily_server.handles import matching
from simulator.errors import ConfigurationError, ExpectationFailed
from simulator.timeline import Record, Timeline

Event = Mapping[str, Any]
AsEvent = Callable[[Record], Event | None]
"""A record as an event, with its name as `action`; None for a record of another sort."""

_PATTERN = re.compile(r"/(?P<pattern>.*)/(?P<flags>i?)", re.DOTALL)
_SHOWN = 12


async def wait_for(
    timeline: Timeline,
    as_event: AsEvent,
    names: Sequence[str],
    where: Mapping[str, Any],
    *,
    after: int = 0,
    but: Collection[int] = (),
    within: float,
    what: str = "",
    explain: Callable[[], str | None] = lambda: None,
) -> list[Record]:
    """The records with these names in this order, with `seq` > `after` and none of `but`. Raises ExpectationFailed."""

    def is_wanted(record: Record, name: str) -> bool:
        event = as_event(record)
        return event is not None and matching.fits(event, name, where)

    def found() -> list[Record] | None:
        new = (record for record in timeline.records(after=after) if record.seq not in but)
        return matching.in_order(new, names, is_wanted)

    records = await timeline.until(found, within=within)
    if records is not None:
        return records
    seen = [record for record in timeline.records(after=after) if as_event(record) is not None]
    new = [record for record in seen if record.seq not in but]
    missing = matching.first_missing(new, names, is_wanted)
    near = [(matching.likeness(as_event(record) or {}, names[missing], where), record) for record in new]
    likeness, nearest = max(near, key=lambda entry: (entry[0], entry[1].seq), default=(0.0, None))
    because = None
    if any(is_wanted(record, names[missing]) for record in seen if record.seq in but):
        because = "everything like that was handed out by an earlier wait"
    elif missing:
        because = f"{names[missing]} did not come after {', '.join(names[:missing])}"
    raise ExpectationFailed(
        f"{what}{', then '.join(names)}{matching.conditions(where)}  within {within:g} s",
        nearest=_told(nearest, as_event) if nearest is not None and likeness >= matching.ALIKE else None,
        because="; ".join(filter(None, (because, explain()))) or None,
        happened=[_told(record, as_event) for record in seen[-_SHOWN:]],
    )


def _told(record: Record, as_event: AsEvent) -> str:
    return f"+{record.at:.3f} {matching.described(as_event(record) or {})}"


def of_room(name: str | None) -> AsEvent:
    """The events of one room, or of all."""

    def event(record: Record) -> Event | None:
        if record.kind != "event" or name not in (None, record.fields["room"]):
            return None
        told: Event = record.fields["event"]
        return told

    return event


def delivered(record: Record) -> Event | None:
    """An event that was posted to a customer's webhook and answered, with whatever status."""
    fields = record.fields
    if record.kind != "webhook" or fields.get("purpose") != "event" or "status" not in fields:
        return None
    return {"action": fields["type"], **fields["payload"]}


def read_conditions(where: Mapping[str, Any]) -> dict[str, Any]:
    """Conditions as JSON says them: `/busy/i` is a pattern, everything else the value itself.

    Raises ConfigurationError for a pattern that cannot be read.
    """
    return {path: _condition(path, value) for path, value in where.items()}


def _condition(path: str, value: Any) -> Any:
    if not isinstance(value, str) or (written := _PATTERN.fullmatch(value)) is None:
        return value
    try:
        return re.compile(written["pattern"], re.IGNORECASE if written["flags"] else 0)
    except re.error as wrong:
        raise ConfigurationError(f"where.{path}", value, f"a regular expression ({wrong})") from None
