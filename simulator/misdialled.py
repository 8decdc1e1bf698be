"""Why a phone was not called, as far as the network knows: a refused INVITE, or a call to another phone."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence

from simulator.errors import ConfigurationError
from simulator.numbers import SipAddress
from simulator.timeline import Record

Reasons = Callable[[Sequence[Record], bool], str | None]
"""Says why nobody was called, from the records since the latest call; True: there was no such call at all."""

_NOT_FOUND = 404


def why_not_called(
    records: Sequence[Record], phone: str | None, numbers: Sequence[str], reasons: Reasons
) -> str | None:
    """Why nobody has called the phone of this name (None: any phone) since its latest call; None if it is not known.

    `numbers` are those of all phones; `reasons` is asked for what the network does not know.
    """
    since = records_since_call(records, phone)
    nobody_called = phone is not None or len(since) == len(records)
    return refused_invite(since, numbers) or other_phone_called(since) or reasons(since, nobody_called)


def refused_invite(records: Sequence[Record], numbers: Sequence[str]) -> str | None:
    """Describe the latest INVITE that the front door has refused; `numbers` are those of all phones."""
    for record in reversed(records):
        if record.kind == "sip" and "refused" in record.fields and (target := _target(record)):
            answer = f"{record.fields['refused']} {record.fields.get('reason', '')}".rstrip()
            if record.fields["refused"] != _NOT_FOUND:
                why = f": {record.fields['because']}" if "because" in record.fields else ""
                return f"{target} was dialled and refused with {answer}{why}"
            near = difflib.get_close_matches(target, numbers, n=1)
            nearest = f"; the nearest number that a phone has is {near[0]}" if near else ""
            return f"{target} was dialled, which no phone has ({answer}){nearest}"
    return None


def other_phone_called(records: Sequence[Record]) -> str | None:
    """Describe the latest call to a phone, in records without calls to the phone that was expected to be called."""
    for record in reversed(records):
        if _is_call(record):
            return f"the phone {record.fields['phone']!r} was called instead"
    return None


def records_since_call(records: Iterable[Record], phone: str | None = None) -> list[Record]:
    """The records after the latest call to a phone, by default to any, or all of them if it was not called."""
    since: list[Record] = []
    for record in records:
        if _is_call(record) and phone in (None, record.fields.get("phone")):
            since.clear()
        else:
            since.append(record)
    return since


def _is_call(record: Record) -> bool:
    return record.kind == "phone" and record.fields.get("action") == "is called"


def _target(record: Record) -> str | None:
    """The number or SIP URI that an INVITE of the front door's records was sent to; None for other requests."""
    method, _, rest = str(record.fields.get("start_line", "")).partition(" ")
    if method != "INVITE":
        return None
    uri = rest.partition(" ")[0]
    try:
        return SipAddress.parse(uri).uri.global_phone_number or uri
    except ConfigurationError:
        return uri
