"""Measures the time from the cause of an event to its publication."""

from __future__ import annotations

from simulator.timeline import Record

_CAUSES = frozenset({"sip", "media", "phone", "digit", "client", "carrier", "worker"})
"""Kinds of records that can be the cause of an event of Daily."""
_IDS = ("session_id", "sip_call_id")


class CauseTimes:
    """The time of the latest record that can be a cause, for each session and each call."""

    def __init__(self) -> None:
        self._by_id: dict[str, float] = {}
        self._latest = 0.0

    def note(self, record: Record) -> None:
        """Remember the record if it can be a cause."""
        if record.kind not in _CAUSES:
            return
        self._latest = record.at
        for name in _IDS:
            if identifier := record.fields.get(name):
                self._by_id[str(identifier)] = record.at

    def elapsed_ms(self, event: Record) -> float:
        """Milliseconds from the latest cause in the event's session or call, or without one from the latest cause."""
        ids = (str(event.fields.get(name)) for name in _IDS)
        known = [self._by_id[each] for each in ids if each in self._by_id]
        return (event.at - max(known, default=self._latest)) * 1000
