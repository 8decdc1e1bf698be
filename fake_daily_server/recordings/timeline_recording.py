"""The timeline of a test as a recording: its events, what was requested about calls, and the digits phones heard."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from fake_daily_server.recordings.recording import Recorded
from simulator.timeline import Record

_REQUESTS = ("startDialOut", "stopDialOut", "sendDTMF", "sipCallTransfer")
_OF_CALLS = ("dialout-", "dialin-")
_ABOUT_CALLS = (*_OF_CALLS, "dtmf-event", "participant-joined", "participant-left")
_BY_FAR_ENDS = frozenset({"hears", "presses", "hangs up"})
"""What a phone does that a recording tells."""


def obstacle(records: Collection[Record]) -> str | None:
    """Why no story can repeat the calls of a timeline; None if one can."""
    if not any(action_of(record).startswith(_OF_CALLS) for record in records):
        return "there is no dial-out and no dial-in"
    if any(record.kind == "roomless" for record in records):
        return "a caller was in no room yet"
    transfers = [record.fields for record in records if record.kind == "transfer"]
    if any(fields.get("is_sip_refer") for fields in transfers):
        return "there is a transfer by REFER"
    answered = {fields["session_id"] for fields in transfers if fields["action"] == "answered"}
    if any(fields["session_id"] not in answered for fields in transfers):
        return "there is a transfer whose target has not answered"
    ends: dict[str, set[str]] = {}
    for record in records:
        if action_of(record).startswith(_OF_CALLS) and (call_id := record.fields["event"].get("sipCallId")):
            ends.setdefault(call_id, set()).add(action_of(record).partition("-")[0])
    if any(len(each) > 1 for each in ends.values()):
        return "a room has called a room"
    return None


def recording_of(records: Collection[Record]) -> list[Recorded] | None:
    """The recording of a timeline; None if a story cannot repeat it, as `obstacle` says.

    Events that were sent by hand are left out.
    """
    records = [record for record in records if not record.fields.get("triggered")]
    return None if obstacle(records) is not None else list(_recorded(records, refused_requests(records)))


def action_of(record: Record) -> str:
    """The name of the event that a record is about; empty for another record."""
    return str(record.fields["event"].get("action")) if record.kind == "event" else ""


def requested_of_calls(record: Record) -> str | None:
    """What a record of a client or of REST requests about calls, such as `startDialOut`; None for any other record."""
    fields = record.fields
    verb = fields.get("method") if record.kind == "client" else fields.get("verb") if record.kind == "rest" else None
    if record.kind == "rest" and fields.get("refused") is not None:
        return None  # by an error, or by a fault that has kept it from its effect
    return verb if verb in _REQUESTS and fields.get("status", 200) < 400 else None


def is_about_calls(record: Record) -> bool:
    """Whether a story tells what a record says."""
    if record.kind == "phone":
        return record.fields.get("action") in _BY_FAR_ENDS
    return action_of(record).startswith(_ABOUT_CALLS) or requested_of_calls(record) is not None


def _began(record: Record) -> float:
    """When what the record is about began: a REST request is recorded with its response, after what it has caused."""
    return record.at - record.fields.get("ms", 0) / 1000 if record.kind == "rest" else record.at


def _recorded(records: Collection[Record], refused: Collection[int]) -> Iterator[Recorded]:
    sessions: dict[str, str] = {}
    for record in sorted(records, key=_began):
        fields, where, room = record.fields, f"record {record.seq}", str(record.fields.get("room") or "")
        if action_of(record).startswith(_ABOUT_CALLS):
            event = fields["event"]
            if "sipCallId" in event:
                sessions[event["sipCallId"]] = event.get("sessionId", "")
            yield Recorded("event", event["action"], event, where, is_record=True, room=room)
        elif record.seq not in refused and (verb := requested_of_calls(record)) is not None:
            yield Recorded("client request", verb, fields.get("params") or {}, where, room=room)
        elif record.kind == "phone" and fields.get("action") in _BY_FAR_ENDS and fields.get("sip_call_id") in sessions:
            did: dict[str, Any] = {"sessionId": sessions[fields["sip_call_id"]]}
            did |= {name: fields[name] for name in ("digit", "digits", "method") if name in fields}
            yield Recorded("far end", fields["action"], did, where)


def refused_requests(records: Collection[Record]) -> set[int]:
    """`seq` of the records about requests of clients that were refused: the request's and the refusal's."""
    refused: set[int] = set()
    requests: dict[tuple[object, object], int] = {}
    for record in records:
        if record.kind == "client" and "method" in record.fields:
            key = (record.fields.get("by"), record.fields["method"])
            if "refused" in record.fields:
                refused |= {record.seq, requests.get(key, record.seq)}
            else:
                requests[key] = record.seq
    return refused
