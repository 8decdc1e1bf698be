"""Describes the timeline records of the fake Daily and its clients."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from fake_daily_server.timeline_text.record_text import Describe, RecordText, without_local_host

ROUTINE_EVENTS = frozenset(
    {
        "joined-meeting",
        "left-meeting",
        "meeting-session-updated",
        "meeting-session-summary-updated",
        "meeting-session-state-updated",
        "participant-counts-updated",
    }
)
"""Events that occur in every scenario with a room, and are therefore shown only when a step fails."""

_SHOWN_OPTIONS = ("phoneNumber", "sipUri", "toEndPoint", "tones", "method", "digitDurationMs", "sessionId")
_CALL_CLIENT_ID = re.compile(r"\d+\.\d+")
"""The name of a client that has none in a record: its `callClientId`, which tells a reader nothing."""
_LONGEST_ID = 12
_LONGEST_OUTPUT = 200
"""Longest line of a program that is shown whole, in characters."""


def event_text(event: Mapping[str, Any]) -> str:
    """The name of an event, with its most important field."""
    action = str(event.get("action"))
    if action == "dtmf-event":
        return f"dtmf-event {event.get('tone')} ({event.get('method')})"
    if action == "dialin-ready":
        return f"dialin-ready {without_local_host(event.get('sipEndpoint'))}"
    return f"{action} “{event['errorMsg']}”" if "errorMsg" in event else action


def _event(fields: Mapping[str, Any]) -> RecordText | None:
    event = fields["event"]
    if event.get("action") in ROUTINE_EVENTS or _is_rtvi(event):
        return None
    return RecordText("event", f"{event_text(event)}{_by_hand(fields)}", "event")


def _by_hand(fields: Mapping[str, Any]) -> str:
    return " (triggered)" if fields.get("triggered") else ""


def _is_rtvi(event: Mapping[str, Any]) -> bool:
    """Whether the event is a message of Pipecat's RTVI protocol, which bots send many of."""
    data = event.get("data")
    return event.get("action") == "app-message" and isinstance(data, Mapping) and data.get("label") == "rtvi-ai"


def _client(fields: Mapping[str, Any]) -> RecordText:
    if "did" in fields:
        whose = "" if fields["client"] == "client" else f"{fields['client']}: "
        return RecordText("client", f"{whose}{fields['name']} number {fields['number']} has the fault {fields['did']}")
    if "method" not in fields:
        return RecordText("daily", f"{fields.get('action')} {fields.get('digits', '')}".strip())
    if "refused" in fields:
        return RecordText("client", f"{fields['method']} is refused: {fields['refused']}")
    if fields["method"] == "join":
        return RecordText("client", "joins the room")
    options = fields.get("params", {})
    shown = [_option_text(name, options[name]) for name in _SHOWN_OPTIONS if name in options]
    client = str(fields.get("client", ""))
    whose = "" if client == "client" or _CALL_CLIENT_ID.fullmatch(client) else f"{client}:"
    return RecordText("client", " ".join((whose, fields["method"], *shown)).strip())


def _option_text(name: str, value: object) -> str:
    text = str(value)
    return f"{text[:4]}…" if name == "sessionId" and len(text) > _LONGEST_ID else text


def _webhook(fields: Mapping[str, Any]) -> RecordText | None:
    if "did" in fields:
        return RecordText("webhook", f"{fields['type']} number {fields['number']} has the fault {fields['did']}")
    outcome = fields.get("error") or fields.get("status")
    if fields.get("purpose") == "room_creation_api" and "call_id" in fields:
        body = fields.get("body", {})
        return RecordText("webhook", f"a call from {body.get('From')} to {body.get('To')} → {outcome}")
    if fields.get("purpose") == "sip_trunk.incoming":
        call = fields.get("body", {}).get("call", {})
        return RecordText("webhook", f"a call from {call.get('From')} to trunk {fields.get('trunk')} → {outcome}")
    if fields.get("purpose") == "sip_trunk.test":
        return RecordText("webhook", f"test request for trunk {fields.get('trunk')} → {outcome}")
    if fields.get("purpose") == "event" and "type" in fields:
        return RecordText("webhook", f"{fields['type']} → {outcome}{_by_hand(fields)}")
    return None


def _transfer(fields: Mapping[str, Any]) -> RecordText:
    by = "by REFER " if fields.get("is_sip_refer") else ""
    to = f" to {without_local_host(fields['to'])}" if fields.get("action") == "triggered" else ""
    return RecordText("transfer", f"{by}{fields.get('action')}{to}", "transfer")


def _roomless_caller(fields: Mapping[str, Any]) -> RecordText:
    text = f" “{fields['text']}”" if fields.get("text") else ""
    return RecordText("daily", f"{fields.get('action')}{text}")


def _rest(fields: Mapping[str, Any]) -> RecordText:
    if "did" in fields:
        return RecordText("rest", f"{fields['method']} {fields['path']} has the fault {fields['did']}")
    verb = f"{fields['verb']} over REST: " if "verb" in fields else ""
    outcome = "connection reset" if fields.get("status") is None else fields["status"]
    fault = f" ({fields['fault']})" if "fault" in fields else ""
    return RecordText("rest", f"{verb}{fields.get('method')} {fields.get('path')} → {outcome}{fault}")


def _program(fields: Mapping[str, Any]) -> RecordText:
    if "text" not in fields:
        return RecordText("program", f"{fields['program']} {fields['action']} with status {fields['status']}")
    text = str(fields["text"])
    shown = text if len(text) <= _LONGEST_OUTPUT else f"{text[:_LONGEST_OUTPUT]}…"
    stream = "!" if fields.get("stream") == "stderr" else "|"
    return RecordText("program", f"{fields['program']} {stream} {shown}")


DAILY_RECORDS: Mapping[str, Describe] = MappingProxyType(
    {
        "event": _event,
        "client": _client,
        "customer": lambda fields: RecordText("customer", str(fields.get("action"))),
        "webhook": _webhook,
        "transfer": _transfer,
        "mark": lambda fields: RecordText("mark", str(fields["name"])),
        "note": lambda fields: RecordText("note", str(fields["text"])) if "text" in fields else None,
        "program": _program,
        "roomless": _roomless_caller,
        "rest": _rest,
        "sound": lambda fields: RecordText("client", str(fields.get("action"))),
    }
)
"""The functions that describe records, by kind of record."""
