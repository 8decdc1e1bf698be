"""Who is at the two ends of each call: phones, Daily, or a user agent that the simulator does not know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from fake_daily_server.report.step import DAILY
from simulator.timeline import Record


@dataclass(slots=True)
class Parties:
    """The names of both ends of one call; None for an end that no record names."""

    caller: str | None = None
    callee: str | None = None


class KnownParties(Mapping[str, Parties]):
    """The parties of calls by Call-ID: phones as their records tell, Daily where it has a record of the call."""

    def __init__(self, most: int | None = None) -> None:
        self._most = most
        self._calls: dict[str, tuple[Parties, list[bool]]] = {}
        """What phones tell of a call, and whether Daily has dialled it, as far as a record says so."""

    def add(self, record: Record) -> None:
        """Learn from a record. With `most`, the parties of so many calls are known, the latest ones."""
        call_id = record.fields.get("sip_call_id")
        if not call_id:
            return
        parties, dialled = self._calls.setdefault(call_id, (Parties(), []))
        if record.kind == "phone":
            phone = str(record.fields["phone"])
            if record.fields.get("action") == "is called":
                parties.callee = phone
            elif phone != parties.callee:
                parties.caller = phone
        elif record.kind == "sip" and "message" in record.fields and not dialled:
            dialled.append("to" in record.fields)
        if self._most is not None and len(self._calls) > self._most:
            del self._calls[next(iter(self._calls))]

    def __getitem__(self, call_id: str) -> Parties:
        """The parties of a call. Raises KeyError if no record was about it."""
        told, dialled = self._calls[call_id]
        parties = Parties(told.caller, told.callee)
        if dialled:
            if parties.callee is None and (parties.caller is not None or not dialled[0]):
                parties.callee = DAILY
            elif parties.caller is None:
                parties.caller = DAILY
        return parties

    def __iter__(self) -> Iterator[str]:
        return iter(self._calls)

    def __len__(self) -> int:
        return len(self._calls)


def parties_of_calls(records: Iterable[Record]) -> Mapping[str, Parties]:
    """The parties of each call of which there are records, by Call-ID."""
    known = KnownParties()
    for record in records:
        known.add(record)
    return known
