"""What the front door tells the timeline: its own refusals and deeds, and what it dropped, noise counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simulator.front_door.wire import Hop
from simulator.sip_bytes import Message, shown

QUIET = 1.0
"""Seconds in which drops of one kind from one host are counted instead of recorded."""


@dataclass(slots=True)
class _Repeated:
    until: float
    last: dict[str, Any]
    count: int = 0


class Account:
    """`record` gets the fields of each record; the caller has the clock."""

    def __init__(self, record: Callable[[dict[str, Any]], None]) -> None:
        self._record = record
        self._drops: dict[tuple[str, str], _Repeated] = {}

    def refused(self, message: Message, source: Hop, status: int, reason: str) -> None:
        """A request got a final response from the front door itself."""
        self._record({"refused": status, "reason": reason, **_facts(message, source)})

    def did(self, deed: str, call_id: str, worker: str, because: str) -> None:
        """The front door ended a call for somebody."""
        self._record({"did": deed, "sip_call_id": call_id, "worker": worker, "because": because})

    def dropped(self, why: str, message: Message, source: Hop, now: float) -> None:
        """A message was not passed on and not answered. Repetitions are counted and told once a second."""
        kind = (why, source.host)
        repeated = self._drops.get(kind)
        facts = {"dropped": why, **_facts(message, source)}
        if repeated is not None and now < repeated.until:
            repeated.count += 1
            repeated.last = facts
            return
        self._drops[kind] = _Repeated(now + QUIET, facts)
        self._record({**facts, "count": 1})

    def settle(self, now: float) -> None:
        """Tell the counts whose second is over."""
        for kind, repeated in tuple(self._drops.items()):
            if repeated.until <= now:
                del self._drops[kind]
                if repeated.count:
                    self._record({**repeated.last, "count": repeated.count})

    @property
    def next_settling(self) -> float | None:
        """When `settle` has something to do."""
        return min((repeated.until for repeated in self._drops.values()), default=None)


def _facts(message: Message, source: Hop) -> dict[str, Any]:
    return {
        "start_line": shown(message.start, most=120),
        "sip_call_id": shown(message.value(b"call-id") or b"", most=120),
        "peer": str(source),
        "transport": source.transport,
    }
