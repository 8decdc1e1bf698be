"""`/meetings`: past and ongoing sessions (https://docs.daily.co/reference/rest-api/meetings)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import ConfigDict

from fake_daily_server.domain.meetings import Meeting, MeetingLog
from fake_daily_server.rest.api_router import api_router
from fake_daily_server.rest.response_models import MeetingList, MeetingObject, MeetingParticipants, responds_with
from fake_daily_server.values.errors import NotFound
from fake_daily_server.values.paging import MAX_PAGE, Limit, Paging, page
from fake_daily_server.values.validation import RequestModel


class MeetingQuery(Paging):
    """The filters of the list. Meetings match that overlap `timeframe_start` to `timeframe_end`, in unix seconds."""

    room: str | None = None
    timeframe_start: int | None = None
    timeframe_end: int | None = None
    ongoing: bool | None = None
    no_participants: bool = False

    def matches(self, meeting: Meeting) -> bool:
        """Whether the meeting matches all filters."""
        return (
            self.room in (None, meeting.room)
            and self.ongoing in (None, meeting.ongoing)
            and (self.timeframe_end is None or meeting.started_at <= self.timeframe_end)
            and (self.timeframe_start is None or meeting.ongoing or (meeting.ended_at or 0) >= self.timeframe_start)
        )


class ParticipantQuery(RequestModel):
    """The query parameters that select a page of participants. The cursors are participant ids."""

    model_config = ConfigDict(alias_generator=None)

    limit: Limit = MAX_PAGE
    joined_after: str | None = None
    joined_before: str | None = None


def meetings_router(log: MeetingLog, now: Callable[[], float]) -> APIRouter:
    """Routes to list meetings, and to get a meeting and its participants. `now` gives unix seconds."""
    router = api_router("meetings", prefix="/meetings")

    def find(ident: str) -> Meeting:
        if (meeting := log.find(ident)) is None:
            raise NotFound(f"no meeting {ident}; GET /meetings lists all")
        return meeting

    @router.get("", summary="List meetings, newest first", responses=responds_with(MeetingList, "A page of meetings"))
    async def list_meetings(query: Annotated[MeetingQuery, Query()]) -> JSONResponse:
        wanted = [meeting for meeting in reversed(log.meetings) if query.matches(meeting)]
        shown = query.page_of(wanted, lambda meeting: meeting.id)
        data = [meeting.as_dict(now(), participants=not query.no_participants) for meeting in shown]
        return JSONResponse({"total_count": len(wanted), "data": data})

    @router.get("/{meeting}", summary="Get a meeting", responses=responds_with(MeetingObject, "The meeting"))
    async def get(meeting: str) -> JSONResponse:
        return JSONResponse(find(meeting).as_dict(now(), participants=False))

    @router.get(
        "/{meeting}/participants",
        summary="List the participants of a meeting",
        responses=responds_with(MeetingParticipants, "The participants, latest join first"),
    )
    async def participants(meeting: str, query: Annotated[ParticipantQuery, Query()]) -> JSONResponse:
        latest_first = list(reversed(find(meeting).attendances.values()))
        shown = page(
            latest_first,
            lambda attendance: attendance.participant_id,
            query.limit,
            starting_after=query.joined_before,
            ending_before=query.joined_after,
            names=("joined_before", "joined_after"),
        )
        return JSONResponse({"data": [attendance.as_dict(now()) for attendance in shown]})

    return router
