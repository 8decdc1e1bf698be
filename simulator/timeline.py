"""The one record of everything that happened: append-only, one monotonic clock, waited on by every expectation."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar

from simulator.waiting import Changes

T = TypeVar("T")

_LOG = logging.getLogger("simulator.timeline")
_LONGEST_VALUE = 160
"""Characters of one field in the text of a record."""


@dataclass(frozen=True, slots=True)
class Record:
    """One happening. `seq` counts from 1; `at` is seconds since the timeline began; `kind` names the layer."""

    seq: int
    at: float
    kind: str
    fields: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """One flat JSON object."""
        return {"seq": self.seq, "at": round(self.at, 6), "kind": self.kind, **self.fields}

    def __str__(self) -> str:
        said = " ".join(f"{name}={_brief(value)}" for name, value in self.fields.items() if value not in (None, ""))
        return f"+{self.at:.3f} {self.kind:<6} {said}"


def _brief(value: Any) -> str:
    if isinstance(value, Mapping) and "action" in value:
        rest = {name: each for name, each in value.items() if name != "action" and not isinstance(each, Mapping)}
        value = f"{value['action']} {rest}" if rest else value["action"]
    text = str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


class Timeline:
    """Append on the owner's loop, read and wait anywhere.

    It keeps the newest `keep` records at least, so that a server may run for weeks; `dropped` says how many are gone.
    """

    def __init__(self, *, keep: int = 50_000) -> None:
        self.dropped = 0
        """Old records that made room for new ones since the last `clear`."""
        self._keep = keep
        self._began = time.monotonic()
        self._records: list[Record] = []
        self._first = 1
        self._changes = Changes()
        self._listeners: list[Callable[[Record], None]] = []

    def append(self, kind: str, /, *, at: float | None = None, **fields: Any) -> Record:
        """Record a happening now, or at the `time.monotonic()` moment `at`."""
        moment = (time.monotonic() if at is None else at) - self._began
        record = Record(self.last_seq + 1, moment, kind, MappingProxyType(fields))
        self._records.append(record)
        if len(self._records) > self._keep * 1.1:
            self._drop(len(self._records) - self._keep)
        self._changes.notify()
        for listener in tuple(self._listeners):
            try:
                listener(record)
            except Exception:  # noqa: BLE001 - what listens must not stop what happens
                _LOG.exception("a listener of the timeline failed at %s", record)
        return record

    @property
    def last_seq(self) -> int:
        """`seq` of the newest record; 0 when nothing has ever happened."""
        return self._first + len(self._records) - 1

    def records(self, *, after: int = 0, kind: str | None = None) -> Iterator[Record]:
        """The records with `seq` > `after`, oldest first."""
        start = max(0, after - self._first + 1)
        for record in self._records[start:]:
            if kind is None or record.kind == kind:
                yield record

    def listen(self, listener: Callable[[Record], None]) -> Callable[[], None]:
        """Call `listener` with every record from now on; returns the function that stops it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def wait(self, wanted: Callable[[Record], bool], *, after: int = 0, within: float) -> Record | None:
        """The first record with `seq` > `after` that is `wanted`, or None when `within` seconds have passed."""
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
        """What `found` returns once it is not None, looked at after each record; None when `within` has passed."""
        return await self._changes.until(found, within=within)

    def clear(self) -> None:
        """Forget all records; `seq` goes on counting, so that old marks stay valid."""
        self._drop(len(self._records))
        self.dropped = 0

    def _drop(self, count: int) -> None:
        del self._records[:count]
        self._first += count
        self.dropped += count
