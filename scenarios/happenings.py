"""What has happened in one scenario so far, for waits and for the stories of failures."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TypeVar

from scenarios.telling import line
from simulator.timeline import Record, Timeline
from simulator.waiting import Changes

T = TypeVar("T")

_EXPLAINED = 12
"""Happenings that a failure shows."""


class Happenings:
    """The part of a timeline from the scenario's beginning on; `with` listens to it."""

    def __init__(self, timeline: Timeline, title: str) -> None:
        self._timeline = timeline
        self._start = timeline.append("scenario", title=title)
        self._changes = Changes()

    def __enter__(self) -> Happenings:
        self._stop = self._timeline.listen(lambda _: self._changes.notify())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    @property
    def began(self) -> float:
        """When the scenario began, in seconds on the timeline's clock."""
        return self._start.at

    def add(self, kind: str, action: str) -> None:
        """Put something that a step did on the timeline."""
        self._timeline.append(kind, action=action)

    def records(self, *, of_call: str | None = None) -> list[Record]:
        """Everything so far, or all that is known of the call with this Call-ID."""
        records = self._timeline.records(after=self._start.seq)
        return [record for record in records if of_call in (None, record.fields.get("sip_call_id"))]

    def told(self, *, of_call: str | None = None) -> list[str]:
        """The latest of them, one line each."""
        return [line(record, self.began) for record in self.records(of_call=of_call)[-_EXPLAINED:]]

    def when(self, record: Record) -> str:
        """`at +1.310 s`"""
        return f"at +{record.at - self.began:.3f} s"

    async def until(self, found: Callable[[], T | None], *, within: float) -> T | None:
        """What `found` returns once it is not None; it is asked after each happening. None when time is up."""
        return await self._changes.until(found, within=within)
