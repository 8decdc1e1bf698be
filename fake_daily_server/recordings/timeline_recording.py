"""The timeline of a test as a recording: its events, what was requested about calls, and the digits phones heard."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from fake_daily_server.recordings.recording import Recorded
from simulator.timeline import Record

_REQUESTS = ("startDialOut", "stopDialOut", "sendDTMF")
_ABOUT_CALLS = ("dialout-", "dialin-", "dtmf-event", "participant-joined", "participant-left")


def recording_of(records: Collection[Record]) -> list[Recorded] | None:
    """The recording of a timeline; None if a story cannot repeat it.

    That is so if it has transfers, callers who were in no room yet, or calls in more than one room. Events that were
    sent by hand are left out.
    """
    records = [record for record in records if not record.fields.get("triggered")]
    rooms = {
        record.fields.get("room")
        for record in records
        if record.kind == "event" and str(record.fields["event"].get("action")).startswith(("dialout-", "dialin-"))
    }
    if len(rooms) != 1 or any(record.kind in ("roomless", "transfer") for record in records):
        return None
    return list(_recorded(records, _refused(records)))


def _recorded(records: Collection[Record], refused: Collection[int]) -> Iterator[Recorded]:
    sessions: dict[str, str] = {}
    for record in records:
        fields, where = record.fields, f"record {record.seq}"
        if record.kind == "event" and str(fields["event"].get("action")).startswith(_ABOUT_CALLS):
            event = fields["event"]
            if "sipCallId" in event:
                sessions[event["sipCallId"]] = event.get("sessionId", "")
            yield Recorded("event", event["action"], event, where, is_record=True)
        elif record.seq not in refused and (verb := _verb(record)) is not None:
            yield Recorded("client request", verb, fields.get("params") or {}, where)
        elif record.kind == "phone" and fields.get("action") == "hears" and fields.get("sip_call_id") in sessions:
            heard = {"sessionId": sessions[fields["sip_call_id"]], "digit": fields["digit"], "method": fields["method"]}
            yield Recorded("far end", "hears", heard, where)


def _verb(record: Record) -> str | None:
    """What of `_REQUESTS` a record is about, requested by a client or by REST."""
    fields = record.fields
    verb = fields.get("method") if record.kind == "client" else fields.get("verb") if record.kind == "rest" else None
    if record.kind == "rest" and fields.get("refused") is not None:
        return None  # by an error, or by a fault that has kept it from its effect
    return verb if verb in _REQUESTS and fields.get("status", 200) < 400 else None


def _refused(records: Collection[Record]) -> set[int]:
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
