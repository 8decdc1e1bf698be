"""Why a phone was not called, as far as Daily's side knows: refused requests, failed calls, and that nobody asked."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.timeline import Record

_VERBS = ("startDialOut", "sipCallTransfer", "sipRefer")
_PATHS = ("/dialOut/start", "/sipCallTransfer", "/sipRefer")
_ERRORS = ("dialout-error", "dialin-error")


def why_no_call(records: Sequence[Record], *, nobody_called: bool, in_a_room: bool) -> str | None:
    """The one reason why nobody was called; None if the records show none.

    `nobody_called`: there was no call before these records; `in_a_room`: a client is in a room now.
    """
    known = refused_request(records) or failed_call(records)
    return known or (not_asked(records, in_a_room=in_a_room) if nobody_called else None)


def refused_request(records: Sequence[Record]) -> str | None:
    """Describe the latest request to call a number or SIP URI, by a client or over REST, if it was refused."""
    for record in reversed(records):
        if (verb := _verb(record)) is not None:
            refused = record.fields.get("refused")
            return f"{verb} was refused: {_without(verb, str(refused))}" if refused else None
    return None


def failed_call(records: Sequence[Record]) -> str | None:
    """Describe the latest `dialout-error` or `dialin-error`."""
    for record in reversed(records):
        happened = record.kind == "event" and not record.fields.get("triggered")
        event = record.fields["event"] if happened else None
        if event is not None and event.get("action") in _ERRORS:
            return f"{event['action']}: {event.get('errorMsg')}"
    return None


def not_asked(records: Sequence[Record], *, in_a_room: bool) -> str | None:
    """Say that nobody has asked for a call, if so."""
    if any(_verb(record) for record in records):
        return None
    if any(record.kind == "phone" and record.fields.get("action") == "dials" for record in records):
        return None
    return f"nobody asked for a call ({', '.join(_VERBS)}){'' if in_a_room else ', and no client is in a room'}"


def _verb(record: Record) -> str | None:
    """The verb of a request that makes Daily call; None for any other record."""
    fields = record.fields
    if record.kind == "client" and fields.get("method") in _VERBS:
        return str(fields["method"])
    if record.kind == "rest" and fields["method"] == "POST":
        return next((f"POST …{path}" for path in _PATHS if str(fields["path"]).endswith(path)), None)
    return None


def _without(verb: str, refused: str) -> str:
    return refused.removeprefix(f"{verb}: ")
