"""The timeline of one scenario: waits for new records, and shows the latest records if a step fails."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any, TypeVar

from fake_daily_server.timeline_text.lines import line
from simulator.timeline import Record, RecordKind, Timeline
from simulator.waiting import Changes

T = TypeVar("T")

_SHOWN_ON_FAILURE = 12
"""Number of the latest records in the text of a failure."""


class ScenarioTimeline:
    """The timeline records since the scenario started. `wait_until` works only inside the `with` block."""

    def __init__(self, timeline: Timeline, title: str) -> None:
        self._timeline = timeline
        self._start = timeline.append("scenario", title=title)
        self._changes = Changes()

    def __enter__(self) -> ScenarioTimeline:
        self._stop_listening = self._timeline.listen(lambda _: self._changes.notify())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop_listening()

    @property
    def started_at(self) -> float:
        """Start of the scenario, in seconds on the timeline's clock."""
        return self._start.at

    def append(self, kind: RecordKind, action: str) -> None:
        """Record what a step did."""
        self._timeline.append(kind, action=action)

    def append_fields(self, kind: RecordKind, **fields: Any) -> None:
        """Add a record with these fields."""
        self._timeline.append(kind, **fields)

    def records(self, *, sip_call_id: str | None = None) -> list[Record]:
        """The records since the start, oldest first; with `sip_call_id` only those of that call."""
        records = self._timeline.records(after=self._start.seq)
        return [record for record in records if sip_call_id in (None, record.fields.get("sip_call_id"))]

    def latest_lines(self, *, sip_call_id: str | None = None) -> list[str]:
        """The latest records other than steps of state machines, oldest first, one line of text each."""
        latest = [record for record in self.records(sip_call_id=sip_call_id) if record.kind != "flow"]
        return [line(record, self.started_at) for record in latest[-_SHOWN_ON_FAILURE:]]

    def time_of(self, record: Record) -> str:
        """The time of a record since the start of the scenario, as text: `at +1.310 s`."""
        return f"at +{record.at - self.started_at:.3f} s"

    async def wait_until(self, found: Callable[[], T | None], *, within: float) -> T | None:
        """Call `found` now and after each record until it returns something; None after `within` seconds."""
        return await self._changes.until(found, within=within)
