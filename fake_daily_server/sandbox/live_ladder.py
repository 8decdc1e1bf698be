"""The ladder of a running server: what has to change in a page since it was told last."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

from fake_daily_server.recordings.selection import ids_in
from fake_daily_server.report.drawing import head
from fake_daily_server.report.ladder import Names, ladder_of
from fake_daily_server.report.parties import Parties
from fake_daily_server.report.sip_steps import read_message
from fake_daily_server.report.step import Step
from fake_daily_server.sandbox.ladder_filter import LadderFilter
from fake_daily_server.sandbox.ladder_line import ladder_line
from simulator.front_door.recent_messages import SeenMessage
from simulator.timeline import Record

MOST_ROWS = 500
"""Rows in the page. Older ones leave it; the page can ask for them."""
_READ_RECORDS = 800
_READ_MESSAGES = 600
"""How many of the latest records and SIP messages are read: more than `MOST_ROWS`, since not each becomes a row."""
_KEPT_MESSAGES = 2000
_KNOWN_CALLS = 5000


@dataclass(frozen=True, slots=True)
class Row:
    """One row to insert in the order of `at`, or to put in the place of that with the same id."""

    id: str
    at: float
    html: str


@dataclass(frozen=True, slots=True)
class LadderChange:
    """What has to change in a page."""

    head: str | None
    """The names of the columns, if they have changed; then `rows` are all rows."""
    gone: tuple[str, ...]
    """Ids of the rows that are not there any more."""
    rows: tuple[Row, ...]
    older: bool
    """Whether there are older rows, which the page does not have."""
    kept: tuple[int, int]
    """`seq` of the oldest and of the newest record of the server: others are of the time before a reset, or of another
    server."""

    def as_dict(self) -> dict[str, Any]:
        """The change as JSON."""
        return asdict(self)


class LiveLadder:
    """The ladder of one page: `read` records as they come, `change` says what is new."""

    def __init__(self, wanted: LadderFilter | None = None) -> None:
        self._wanted = wanted or LadderFilter()
        self._names = Names(_KNOWN_CALLS)
        self._records: deque[Record] = deque(maxlen=_READ_RECORDS)
        self._latest: float | None = None
        """The time of the newest record that is wanted, if there is a limit."""
        self._columns: tuple[str, ...] | None = None
        self._drawn: Mapping[str, tuple[tuple[object, ...], str]] = {}
        """What each row was drawn from, and its HTML, by id."""
        self._calls: dict[str, int] = {}
        self._next_call = 1
        self._older = False
        self._first = 1
        self._read_message = lru_cache(maxsize=_KEPT_MESSAGES)(read_message)
        self.seen = 0
        """`seq` of the newest record that was read."""

    @property
    def parties(self) -> Mapping[str, Parties]:
        """The parties of the latest calls, by Call-ID."""
        return self._names.parties

    def read(self, records: Iterable[Record]) -> None:
        """Read the next records."""
        for record in records:
            self.seen = record.seq
            self._names.add(record)
            if self._wanted.until is not None and record.seq <= self._wanted.until:
                self._latest = record.at
            if self._wanted.takes(record):
                self._older |= len(self._records) == _READ_RECORDS
                self._records.append(record)

    def forget_before(self, first: int) -> None:
        """Forget the records with a `seq` before `first`, which the timeline does not have any more."""
        self._first = first
        while self._records and self._records[0].seq < first:
            self._records.popleft()
        if not self._records:
            self._older = False

    def change(self, messages: Iterable[SeenMessage], seconds_at: Callable[[float], float]) -> LadderChange | None:
        """Compare the ladder with what the page shows; None when it is the same."""
        wanted, latest = self._wanted, self._latest
        narrow = bool(wanted.text) or wanted.until is not None
        read = deque(messages, maxlen=_KEPT_MESSAGES if narrow else _READ_MESSAGES)
        drawn = ladder_of(
            self._records,
            read,
            seconds_at,
            self._names,
            lambda step: wanted.takes_message(step, latest),
            self._read_message,
        )
        steps = [with_lasting_anchor(step) for step in drawn.steps[-MOST_ROWS:]]
        before, self._drawn = self._drawn, self._draw(steps, drawn.columns)
        anew = drawn.columns != self._columns
        gone = () if anew else tuple(before.keys() - self._drawn.keys())
        rows = tuple(
            Row(step.anchor, step.at, self._drawn[step.anchor][1])
            for step in steps
            if anew or self._drawn[step.anchor] != before.get(step.anchor)
        )
        self._columns = drawn.columns
        older = self._older or len(drawn.steps) > MOST_ROWS
        if not (anew or gone or rows):
            return None
        return LadderChange(head(drawn.columns) if anew else None, gone, rows, older, (self._first, self.seen))

    def _draw(self, steps: Sequence[Step], columns: tuple[str, ...]) -> dict[str, tuple[tuple[object, ...], str]]:
        """Draw the rows, but for those that are as they were."""
        by_seq = {f"r{record.seq}": record for record in self._records}
        times, seqs = [record.at for record in self._records], [record.seq for record in self._records]
        drawn: dict[str, tuple[tuple[object, ...], str]] = {}
        for earlier, step in pairwise((steps[0], *steps)) if steps else ():
            record = by_seq.get(step.anchor)
            call = step.call or (next(iter(ids_in(record.fields)), "") if record is not None else "")
            seq = record.seq if record is not None else seqs[max(0, bisect_right(times, step.at) - 1)] if seqs else 0
            key = (step.label, step.source, step.target, earlier.at, columns, call, seq)
            old = self._drawn.get(step.anchor)
            if old is not None and old[0] == key:
                drawn[step.anchor] = old
            else:
                number = self._number(step.call)
                html = ladder_line(step, columns, before=earlier.at, number=number, call=call, seq=seq)
                drawn[step.anchor] = key, html
        return drawn

    def _number(self, call: str | None) -> str:
        if call is None:
            return ""
        if call not in self._calls:
            self._calls[call] = self._next_call
            self._next_call += 1
            if len(self._calls) > _KNOWN_CALLS:
                del self._calls[next(iter(self._calls))]
        return str(self._calls[call])


def with_lasting_anchor(step: Step) -> Step:
    """The step under an id that stays when older messages are forgotten: by its time, not by its place."""
    return replace(step, anchor=f"m{step.at * 1e6:.0f}") if step.kind == "sip" and step.anchor[0] == "m" else step
