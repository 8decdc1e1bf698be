"""What has happened, as an account that a person reads: the timeline without its routine, one line for each step."""

from __future__ import annotations

from collections.abc import Iterable

from fake_daily_server.timeline_text.lines import describe
from simulator.timeline import Record

_LONGEST = 100
"""Length from which on a line takes no more records of its group."""


def account(records: Iterable[Record]) -> list[str]:
    """Lines with seconds since the first record, category and description; related records share a line."""
    lines: list[str] = []
    began: float | None = None
    latest_group: object = None
    for record in records:
        began = record.at if began is None else began
        words = describe(record)
        if words is None:
            continue
        if words.group is not None and words.group == latest_group and len(lines[-1]) < _LONGEST:
            lines[-1] += f" · {words.text}"
        else:
            lines.append(f"{record.at - began:8.3f}  {words.category:<8} {words.text}")
        latest_group = words.group
    return lines
