"""What has happened, over HTTP: the timeline, a report of it, and a scenario file that repeats its calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, PlainTextResponse

from fake_daily_server.control.routes import LONGEST_WAIT_MS
from fake_daily_server.recordings.timeline_story import story_of_timeline
from fake_daily_server.report.page import page
from fake_daily_server.report.report import build_report
from fake_daily_server.values.errors import DailyError
from simulator.timeline import RecordKind

if TYPE_CHECKING:
    from fake_daily_server.server import FakeDaily

After = Annotated[int, Query(ge=0, description="Only records with a greater `seq`")]
WaitMs = Annotated[int, Query(ge=0, le=LONGEST_WAIT_MS, description="How long to wait for the first record, in ms")]
StoryTitle = Annotated[str, Query(max_length=200, description="The title of the scenario")]
_NO_STORY = (
    "no scenario can be made of what has happened since the last reset: it takes calls of one room, without transfers "
    "and without callers who are in no room yet"
)


def add_records(router: APIRouter, daily: FakeDaily) -> None:
    """Add the routes `/timeline`, `/report` and `/story`."""

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
        "/story",
        summary="The calls since the last reset as a scenario file, which repeats them and expects the same events",
        response_class=PlainTextResponse,
    )
    async def story(title: StoryTitle = "What has happened") -> PlainTextResponse:
        text = story_of_timeline([*daily.timeline.records()], title)
        if text is None:
            raise DailyError(409, "call-error", _NO_STORY)
        return PlainTextResponse(text, media_type="application/yaml")
