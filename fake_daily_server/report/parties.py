"""Who is at the two ends of each call: phones, Daily, or a user agent that the simulator does not know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fake_daily_server.report.step import DAILY
from simulator.timeline import Record


@dataclass(slots=True)
class Parties:
    """The names of both ends of one call; None for an end that no record names."""

    caller: str | None = None
    callee: str | None = None


def parties_of_calls(records: Iterable[Record]) -> dict[str, Parties]:
    """The parties of each call, by Call-ID: phones by their own records, Daily where it has a record of the call."""
    calls: dict[str, Parties] = {}
    dialled_by_daily: dict[str, bool] = {}
    for record in records:
        call_id = record.fields.get("sip_call_id")
        if not call_id:
            continue
        parties = calls.setdefault(call_id, Parties())
        if record.kind == "phone":
            phone = str(record.fields["phone"])
            if record.fields.get("action") == "is called":
                parties.callee = phone
            elif phone != parties.callee:
                parties.caller = phone
        elif record.kind == "sip" and "message" in record.fields:
            dialled_by_daily.setdefault(call_id, "to" in record.fields)
    for call_id, dialled in dialled_by_daily.items():
        parties = calls[call_id]
        if parties.callee is None and (parties.caller is not None or not dialled):
            parties.callee = DAILY
        elif parties.caller is None:
            parties.caller = DAILY
    return calls
