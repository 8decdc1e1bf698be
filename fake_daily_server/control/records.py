"""What has happened, over HTTP: the timeline, a report of it, and marks in it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, StreamingResponse
from pydantic import Field

from fake_daily_server.control.routes import LONGEST_WAIT_MS, Body, accept
from fake_daily_server.recordings.timeline_story import story_of_timeline
from fake_daily_server.report.page import page
from fake_daily_server.report.report import build_report
from simulator.timeline import Record, RecordKind

if TYPE_CHECKING:
    from fake_daily_server.server import FakeDaily

_LINES_AT_ONCE = 500
_JSON_LINES = "application/jsonl"

After = Annotated[int, Query(ge=0, description="Only records with a greater `seq`")]
WaitMs = Annotated[int, Query(ge=0, le=LONGEST_WAIT_MS, description="How long to wait for the first record, in ms")]


class MarkBody(Body):
    """A mark in the timeline: a row with this name, at the current moment."""

    name: Annotated[str, Field(min_length=1, max_length=200)]


def add_records(router: APIRouter, daily: FakeDaily) -> None:
    """Add the routes `/timeline`, `/timeline.jsonl`, `/report` and `/marks`."""

    @router.get("/timeline", summary="List timeline records, oldest first; `wait_ms` waits for the first one")
    async def timeline(after: After = 0, kind: RecordKind | None = None, wait_ms: WaitMs = 0) -> dict[str, Any]:
        await daily.timeline.wait(
            lambda record: kind is None or record.kind == kind, after=after, within=wait_ms / 1000
        )
        records = [record.as_dict() for record in daily.timeline.records(after=after, kind=kind)]
        return {"records": records, "dropped": daily.timeline.dropped}

    @router.get("/report", summary="What has happened since the last reset, as a page", response_class=HTMLResponse)
    async def report() -> HTMLResponse:
        timeline, title = daily.timeline, "What has happened"
        records = [*timeline.records()]
        story = story_of_timeline(records, title)
        recent = daily.network.front_door.recent
        return HTMLResponse(page(build_report(title, records, recent, timeline.seconds_at, scenario=story), whole=True))

    @router.get(
        "/timeline.jsonl",
        summary="All timeline records as JSON lines, oldest first, to be kept as a file",
        response_class=StreamingResponse,
        responses={200: {"content": {_JSON_LINES: {"schema": {"type": "string"}}}}},
    )
    async def lines() -> StreamingResponse:
        headers = {"Content-Disposition": 'attachment; filename="timeline.jsonl"'}
        return StreamingResponse(_lines([*daily.timeline.records()]), media_type=_JSON_LINES, headers=headers)

    async def mark(body: MarkBody) -> dict[str, Any]:
        return daily.timeline.append("mark", name=body.name).as_dict()

    accept(mark, MarkBody)
    router.post("/marks", summary="Put a mark with a name into the timeline, at the current moment")(mark)


async def _lines(records: list[Record]) -> AsyncIterator[str]:
    """Each record as a line, some at a time, so that calls and rooms are served in between."""
    for start in range(0, len(records), _LINES_AT_ONCE):
        some = records[start : start + _LINES_AT_ONCE]
        yield "".join(f"{json.dumps(record.as_dict(), ensure_ascii=False, default=str)}\n" for record in some)
        await asyncio.sleep(0)
