"""The timeline: an append-only list of records of everything that happens, all timed by one monotonic clock."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, TypeVar

from simulator.waiting import Changes

T = TypeVar("T")

RecordKind = Literal[
    "carrier",
    "client",
    "clock",
    "customer",
    "destination",
    "digit",
    "event",
    "flow",
    "mark",
    "media",
    "network",
    "note",
    "phone",
    "program",
    "registrar",
    "rest",
    "roomless",
    "rtp",
    "scenario",
    "sip",
    "sound",
    "transfer",
    "webhook",
    "worker",
]
"""What a record is about. A `program` record is a line that a program under test has printed, a `roomless` record is
about a caller in no room yet, a `flow` record about a step of a call's state machine, a `note` about a request of which
a part had no effect, a `destination` about a host that packets may not be sent to, a `registrar` record about a SIP
client that registers, unregisters or is refused. A `mark` names a moment."""

_LOG = logging.getLogger("simulator.timeline")
_LONGEST_VALUE = 160
"""Maximum length of a field's text in a printed record, in characters."""


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of the timeline."""

    seq: int
    """Sequence number, from 1."""
    at: float
    """Seconds since the timeline was made."""
    kind: RecordKind
    fields: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """The record as a flat JSON object."""
        return {"seq": self.seq, "at": round(self.at, 6), "kind": self.kind, **self.fields}

    def __str__(self) -> str:
        text = " ".join(f"{name}={_brief(value)}" for name, value in self.fields.items() if value not in (None, ""))
        return f"+{self.at:.3f} {self.kind:<6} {text}"


def _brief(value: Any) -> str:
    if isinstance(value, Mapping) and "action" in value:
        rest = {name: each for name, each in value.items() if name != "action" and not isinstance(each, Mapping)}
        value = f"{value['action']} {rest}" if rest else value["action"]
    text = str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


class Timeline:
    """Records are appended on the owner loop; they can be read and waited for from any loop.

    At least the newest `keep` records are kept; old ones are removed, so that a server can run for weeks.
    """

    def __init__(self, *, keep: int = 50_000) -> None:
        self.dropped = 0
        """Number of old records removed since the last `clear`."""
        self._keep = keep
        self._began = time.monotonic()
        self._records: list[Record] = []
        self._first = 1
        self._changes = Changes()
        self._listeners: list[Callable[[Record], None]] = []

    def append(self, kind: RecordKind, /, *, at: float | None = None, **fields: Any) -> Record:
        """Add a record, with the current time or `time.monotonic()` = `at`."""
        seconds = (time.monotonic() if at is None else at) - self._began
        record = Record(self.last_seq + 1, seconds, kind, MappingProxyType(fields))
        self._records.append(record)
        if len(self._records) > self._keep * 1.1:
            self._drop(len(self._records) - self._keep)
        self._changes.notify()
        for listener in tuple(self._listeners):
            try:
                listener(record)
            except Exception:  # noqa: BLE001 - a failing listener must not affect what is recorded
                _LOG.exception("a listener of the timeline failed on the record %s", record)
        return record

    def seconds_at(self, monotonic: float) -> float:
        """The time on this timeline of a `time.monotonic()`, in seconds since the timeline was made."""
        return monotonic - self._began

    @property
    def first_seq(self) -> int:
        """`seq` of the oldest record that is kept, or that the next one will have if there is none."""
        return self._first

    @property
    def last_seq(self) -> int:
        """`seq` of the newest record; 0 before the first one."""
        return self._first + len(self._records) - 1

    def records(self, *, after: int = 0, kind: RecordKind | None = None) -> Iterator[Record]:
        """The records with `seq` > `after`, oldest first."""
        start = max(0, after - self._first + 1)
        for record in self._records[start:]:
            if kind is None or record.kind == kind:
                yield record

    def listen(self, listener: Callable[[Record], None]) -> Callable[[], None]:
        """Call `listener` with each new record until the returned function is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def wait(self, wanted: Callable[[Record], bool], *, after: int = 0, within: float) -> Record | None:
        """Wait for a record with `seq` > `after` for which `wanted` is true; None after `within` seconds."""
        seen = after

        def found() -> Record | None:
            nonlocal seen
            for record in self.records(after=seen):
                seen = record.seq
                if wanted(record):
                    return record
            return None

        return await self._changes.until(found, within=within)

    async def until(self, found: Callable[[], T | None], *, within: float) -> T | None:
        """Call `found` now and after each new record until it returns something other than None.

        Returns the result of `found`, or None after `within` seconds.
        """
        return await self._changes.until(found, within=within)

    def clear(self) -> None:
        """Remove all records. `seq` continues, so that sequence numbers kept by users stay valid."""
        self._drop(len(self._records))
        self.dropped = 0

    def _drop(self, count: int) -> None:
        """Remove the oldest `count` records."""
        del self._records[:count]
        self._first += count
        self.dropped += count
