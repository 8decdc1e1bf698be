"""Some calls of a timeline: those that a stretch of it touches, each whole, since half a call cannot be repeated."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fake_daily_server.recordings.timeline_recording import (
    action_of,
    is_about_calls,
    refused_requests,
    requested_of_calls,
)
from simulator.timeline import Record


@dataclass(frozen=True, slots=True)
class Selection:
    """The records of the selected calls, and how many of these were selected in part only."""

    records: tuple[Record, ...]
    calls: int
    widened: int


def select(records: Collection[Record], seqs: Container[int], call_ids: Iterable[str] = ()) -> Selection:
    """The calls with a record whose `seq` is one of these, and those with one of these Call-IDs or session ids.

    A transfer joins two calls into one. The records about SIP endpoints that become ready belong to each selection.
    """
    calls = _calls(records)
    in_part = {name for record in records if record.seq in seqs and (name := calls.of(record)) is not None}
    touched = in_part | {name for each in call_ids if (name := calls.named(each)) is not None}
    rooms = {record.fields.get("room") for record in records if calls.of(record) in touched}
    chosen = [record for record in records if calls.of(record) in touched]
    end = max((record.seq for record in chosen), default=0)
    ready: dict[str, Record] = {
        record.fields["event"]["sipEndpoint"]: record
        for record in records
        if action_of(record) == "dialin-ready" and record.fields.get("room") in rooms and record.seq < end
    }
    outside = {calls.of(each) for each in chosen if is_about_calls(each) and each.seq not in seqs}
    both = sorted([*chosen, *ready.values()], key=lambda record: record.seq)
    return Selection(tuple(both), len(touched), len(outside & in_part))


class _Calls:
    """Which call a record is about. A call has the name of its first session."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        """The name of the call by session id and by Call-ID."""
        self.requests: dict[int, str] = {}
        """The session by the `seq` of the request to dial."""

    def join(self, session_id: str, other: str) -> None:
        """Let a session or Call-ID belong to the call of another."""
        name = self._names.setdefault(session_id, session_id)
        old = self._names.get(other, other)
        self._names[other] = name
        for known, its in self._names.items():
            if its == old:
                self._names[known] = name

    def of(self, record: Record) -> str | None:
        """The name of the call that a record is about."""
        known = [self.requests.get(record.seq), *ids_in(record.fields)]
        return next((self._names[name] for name in known if name in self._names), None)

    def named(self, either: str) -> str | None:
        """The name of the call with this session id or Call-ID."""
        return self._names.get(either)


def _calls(records: Collection[Record]) -> _Calls:
    calls, refused = _Calls(), refused_requests(records)
    requested: list[int] = []
    transfers: list[tuple[str, str]] = []
    for record in records:
        fields = record.fields
        session_id, call_id = fields.get("session_id"), fields.get("sip_call_id")
        if record.seq not in refused and requested_of_calls(record) == "startDialOut":
            requested.append(record.seq)
        elif record.kind == "transfer" and fields.get("action") == "triggered":
            transfers.append((str(session_id), _user(fields.get("to"))))
        elif action_of(record) == "dialout-error" and not session_id:
            del requested[:1]
        if record.kind != "sip" or not session_id or not call_id:
            continue
        if fields.get("message") == "INVITE" and "from" not in fields:  # of Daily
            moved = next((each for each in transfers if each[1] == _user(fields.get("to"))), None)
            if moved is not None:
                transfers.remove(moved)
                calls.join(moved[0], session_id)
            elif requested:
                calls.requests[requested.pop(0)] = session_id
        calls.join(session_id, call_id)
    return calls


def ids_in(fields: Mapping[str, Any]) -> Iterable[str]:
    """The session ids and Call-IDs in a record."""
    yield from (str(fields[name]) for name in ("session_id", "sip_call_id") if fields.get(name))
    params = fields.get("params")
    if isinstance(params, Mapping) and params.get("sessionId"):
        yield str(params["sessionId"])
    event = fields.get("event")
    if isinstance(event, Mapping):
        participant = event.get("participant")
        about = participant.get("session_id") if isinstance(participant, Mapping) else event.get("sessionId")
        if about:
            yield str(about)


def _user(address: object) -> str:
    """The user part of a SIP URI, or a number as it is."""
    return str(address).removeprefix("sip:").partition("@")[0]
