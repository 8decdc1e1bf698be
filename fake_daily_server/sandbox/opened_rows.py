"""The rows that a page opens, by their ids: found in the timeline, or among the latest SIP messages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fake_daily_server.recordings.record_request import request_of
from fake_daily_server.recordings.record_step import step_of
from fake_daily_server.report.ladder import Names, ladder_of
from fake_daily_server.sandbox.live_ladder import with_lasting_anchor
from fake_daily_server.sandbox.row_detail import row_detail, step_of_message
from fake_daily_server.values.errors import NotFound

if TYPE_CHECKING:
    from fake_daily_server.server import FakeDaily


def opened_row(daily: FakeDaily, identity: str) -> str:
    """The HTML of an opened row. Raises NotFound for one that is not kept any more."""
    timeline = daily.timeline
    number = identity[1:]
    record = None
    if identity.startswith("r") and number.isdecimal():
        found = next(timeline.records(after=int(number) - 1), None)
        record = found if found is not None and found.seq == int(number) else None
    names = Names()
    for each in timeline.records():
        names.add(each)
    messages = () if record is not None else daily.network.front_door.recent
    steps = ladder_of(
        () if record is None else (record,), messages, timeline.seconds_at, names, lambda step: True
    ).steps
    step = next((each for each in map(with_lasting_anchor, steps) if each.anchor == identity), None)
    if step is None:
        raise NotFound(f"row {identity!r} not found; the timeline and the SIP messages that are kept do not have it")
    if record is None:
        return row_detail(step, step_of_message(step), None, daily.url, daily.api_key)
    body = _body(daily, record.seq)
    phones = {phone.name: phone.id for phone in daily.network.phones}
    return row_detail(step, step_of(record, body), request_of(record, phones, body), daily.url, daily.api_key)


def _body(daily: FakeDaily, seq: int) -> Any:
    """The body of a REST request as JSON; None if it has none, or was too long to be kept."""
    try:
        return json.loads(daily.site.api_log.request_of(seq) or "null")
    except ValueError:
        return None
