"""Rows of the ladder for the records of the timeline."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from fake_daily_server.report.step import DAILY, REST, WEBHOOKS, Step
from fake_daily_server.timeline_text.lines import describe
from simulator.timeline import Record

_TOLD_BY_SIP = frozenset({"is called", "receives", "answers", "has media", "call ended"})
"""Actions of a phone that the SIP messages of its call show."""


def record_steps(
    records: Iterable[Record], calls_on_the_wire: Collection[str], clients: Mapping[str, str]
) -> Iterator[Step]:
    """One step for each record that an account of the test tells, but for those that SIP messages on the wire show.

    `clients` has the names of clients by session id.
    """
    everyone = " and ".join(dict.fromkeys(clients.values())) or "client"
    for record in records:
        words = describe(record)
        fields = record.fields
        call_id = fields.get("sip_call_id")
        if words is None or _is_on_the_wire(record, calls_on_the_wire):
            continue
        source, target = _ENDS.get(record.kind, _at_daily)(fields, clients, everyone)
        label = words.text
        if record.kind == "client" and "method" in fields:
            label = label.removeprefix(f"{source}: ")
        if record.kind == "phone":
            label = label.removeprefix(f"{source} ")
        detail = partial(_detail, record)
        yield Step(f"r{record.seq}", record.at, words.category, source, target, label, detail, call_id)


def _is_on_the_wire(record: Record, calls: Collection[str]) -> bool:
    if record.fields.get("sip_call_id") not in calls or record.fields.get("by") == "worker":
        return False
    if record.kind == "phone":
        return record.fields.get("action") in _TOLD_BY_SIP
    return record.kind == "sip" and "message" in record.fields


def client_in(record: Record) -> tuple[str, str] | None:
    """Session id and name of the client, scripted or real, that joins with this record."""
    event = record.fields.get("event")
    if not isinstance(event, Mapping) or event.get("action") != "joined-meeting":
        return None
    local = event.get("participants", {}).get("local", {})
    return str(local.get("session_id")), str(local.get("user_name") or "client")


Ends = tuple[str, str | None]


def _at_daily(fields: Mapping[str, Any], clients: Mapping[str, str], everyone: str) -> Ends:
    return DAILY, None


def _request(fields: Mapping[str, Any], clients: Mapping[str, str], everyone: str) -> Ends:
    if "method" not in fields:
        return DAILY, None
    name = str(fields.get("client") or everyone)
    return (name if name in clients.values() else everyone), DAILY


def _event(fields: Mapping[str, Any], clients: Mapping[str, str], everyone: str) -> Ends:
    return DAILY, clients.get(str(fields.get("to")), everyone)


def _phone(fields: Mapping[str, Any], clients: Mapping[str, str], everyone: str) -> Ends:
    return str(fields.get("phone")), None


_ENDS: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, str], str], Ends]] = {
    "client": _request,
    "sound": lambda fields, clients, everyone: (everyone, None),
    "event": _event,
    "rest": lambda fields, clients, everyone: (REST, DAILY),
    "webhook": lambda fields, clients, everyone: (DAILY, WEBHOOKS),
    "customer": lambda fields, clients, everyone: (WEBHOOKS, None),
    "phone": _phone,
}


def _detail(record: Record) -> str:
    return json.dumps(record.as_dict(), indent=2, ensure_ascii=False, default=str)
