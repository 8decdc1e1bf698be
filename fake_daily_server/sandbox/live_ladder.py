"""The ladder of a running server: what has to change in a page since it was told last."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Any

from fake_daily_server.report.drawing import head
from fake_daily_server.report.ladder import ladder
from fake_daily_server.report.rows import ladder_row
from fake_daily_server.report.step import Step
from simulator.front_door.recent_messages import SeenMessage
from simulator.timeline import Record

MOST_ROWS = 500
"""Rows in the page. Older ones leave it; the report has them."""
_READ_RECORDS = 1000
_READ_MESSAGES = 600
"""How many of the latest records and SIP messages are read: more than `MOST_ROWS`, since not each becomes a row."""


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

    def as_dict(self) -> dict[str, Any]:
        """The change as JSON."""
        return asdict(self)


class LiveLadder:
    """The ladder of one page."""

    def __init__(self) -> None:
        self._columns: tuple[str, ...] | None = None
        self._shown: dict[str, str] = {}
        self._calls: dict[str, int] = {}

    def change(
        self, records: Iterable[Record], messages: Iterable[SeenMessage], seconds_at: Callable[[float], float]
    ) -> LadderChange | None:
        """Compare the ladder with what the page shows; None when it is the same."""
        read = deque(records, maxlen=_READ_RECORDS)
        drawn = ladder(read, deque(messages, maxlen=_READ_MESSAGES), seconds_at)
        steps = [_with_lasting_anchor(step) for step in drawn.steps[-MOST_ROWS:]]
        html = self._html(steps, drawn.columns)
        anew = drawn.columns != self._columns
        gone = () if anew else tuple(self._shown.keys() - html.keys())
        rows = tuple(
            Row(step.anchor, step.at, html[step.anchor])
            for step in steps
            if anew or self._shown.get(step.anchor) != html[step.anchor]
        )
        self._columns, self._shown = drawn.columns, html
        return LadderChange(head(drawn.columns) if anew else None, gone, rows) if anew or gone or rows else None

    def _html(self, steps: Sequence[Step], columns: Sequence[str]) -> dict[str, str]:
        pairs = pairwise((steps[0], *steps)) if steps else ()
        return {
            step.anchor: ladder_row(step, columns, began=0, before=before.at, call=self._number(step.call))
            for before, step in pairs
        }

    def _number(self, call: str | None) -> str:
        return "" if call is None else str(self._calls.setdefault(call, len(self._calls) + 1))


def _with_lasting_anchor(step: Step) -> Step:
    """The step under an id that stays when older messages are forgotten: by its time, not by its place."""
    return replace(step, anchor=f"m{step.at * 1e6:.0f}") if step.kind == "sip" and step.anchor[0] == "m" else step
