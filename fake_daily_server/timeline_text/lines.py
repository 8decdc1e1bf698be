"""Timeline records as lines of text, for the live report, for failures and for JUnit XML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fake_daily_server.timeline_text.daily_records import DAILY_RECORDS, event_text
from fake_daily_server.timeline_text.record_text import RecordText
from fake_daily_server.timeline_text.telephony_records import TELEPHONY_RECORDS, phone_text, rtp_text
from simulator.timeline import Record

_DESCRIBED = {**DAILY_RECORDS, **TELEPHONY_RECORDS}


def describe(record: Record) -> RecordText | None:
    """Describe a record; None if the live report omits it."""
    describe_fields = _DESCRIBED.get(record.kind)
    return None if describe_fields is None else describe_fields(record.fields)


def line(record: Record, started_at: float) -> str:
    """A line for any record: seconds since `started_at` on the timeline's clock, category and description."""
    words = describe(record) or _describe_left_out(record)
    return f"{record.at - started_at:8.3f}  {words.category:<8} {words.text}"


def _step_text(fields: Mapping[str, Any]) -> str:
    condition = f" [{fields['guard']}]" if fields.get("guard") else ""
    return f"{fields['machine']}: {fields['input']}{condition}, {fields['state']} -> {fields['next']}"


def _describe_left_out(record: Record) -> RecordText:
    """Describe a record that the live report omits."""
    if record.kind == "event":
        return RecordText("event", event_text(record.fields["event"]))
    if record.kind == "phone":
        return phone_text(record.fields)
    if record.kind == "rtp":
        return RecordText("rtp", rtp_text(record.fields))
    if record.kind == "flow":
        return RecordText("flow", _step_text(record.fields))
    fields = " ".join(f"{name}={value}" for name, value in record.fields.items() if value not in (None, ""))
    return RecordText(record.kind, fields)
