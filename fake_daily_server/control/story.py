"""The calls of the timeline over HTTP as something that repeats them: a scenario file, or a test for pytest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse

from fake_daily_server.recordings.selection import select
from fake_daily_server.recordings.timeline_story import Form, timeline_story
from fake_daily_server.values.errors import DailyError
from simulator.errors import ConfigurationError

if TYPE_CHECKING:
    from fake_daily_server.server import FakeDaily

Title = Annotated[str, Query(max_length=200, description="The title of the scenario")]
First = Annotated[int | None, Query(alias="from", ge=0, description="The calls with a record from this `seq` on")]
Last = Annotated[int | None, Query(alias="to", ge=0, description="The calls with a record up to this `seq`")]
Seqs = Annotated[list[int], Query(alias="seq", description="The calls with a record that has one of these `seq`")]
CallIds = Annotated[list[str], Query(alias="call", description="The calls with one of these Call-IDs or session ids")]
As = Annotated[Form, Query(alias="as", description="A scenario file, or a test for pytest")]
_TYPES = {"scenario": "application/yaml", "pytest": "text/x-python"}


def add_story(router: APIRouter, daily: FakeDaily) -> None:
    """Add the route `/story`."""

    @router.get(
        "/story",
        summary="The calls since the last reset as a test, which repeats them and expects the same events. Of calls "
        "that `from` and `to`, or `seq`, select in part only, it has the whole ones, and says so",
        response_class=PlainTextResponse,
    )
    async def story(
        title: Title = "What has happened",
        first: First = None,
        last: Last = None,
        seqs: Seqs = [],  # noqa: B006 - FastAPI makes a new list for each request
        call_ids: CallIds = [],  # noqa: B006
        form: As = "scenario",
    ) -> PlainTextResponse:
        records, comments = [*daily.timeline.records()], []
        stretch = first is not None or last is not None
        if stretch or seqs or call_ids:
            newest = daily.timeline.last_seq if last is None else last
            wanted = range(first or 0, min(newest, daily.timeline.last_seq) + 1) if stretch else ()
            chosen = select(records, {*seqs, *wanted}, call_ids)
            records = [*chosen.records]
            if chosen.widened:
                comments = [f"The selection had parts of calls only ({chosen.widened}); it was widened to whole calls."]
        try:
            text = timeline_story(records, title, form, comments=comments)
        except ConfigurationError as refused:
            raise DailyError(409, "call-error", f"no test can be made of what is selected: {refused}") from refused
        return PlainTextResponse(text, media_type=_TYPES[form])
