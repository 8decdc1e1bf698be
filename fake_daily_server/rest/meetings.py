"""`/meetings`: the sessions that were and are (https://docs.daily.co/reference/rest-api/meetings)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import ConfigDict

from fake_daily_server.domain.meetings import Meeting, MeetingLog
from fake_daily_server.rest.answers import MeetingList, MeetingObject, MeetingParticipants, says
from fake_daily_server.values.errors import NotFound
from fake_daily_server.values.paging import MAX_PAGE, Limit, Paging, page
from fake_daily_server.values.validation import RequestModel


class MeetingQuery(Paging):
    """Which meetings: of a room, overlapping a time frame in unix seconds, only those that go on or are over."""

    room: str | None = None
    timeframe_start: int | None = None
    timeframe_end: int | None = None
    ongoing: bool | None = None
    no_participants: bool = False

    def fits(self, meeting: Meeting) -> bool:
        """Whether it is asked for."""
        return (
            self.room in (None, meeting.room)
            and self.ongoing in (None, meeting.ongoing)
            and (self.timeframe_end is None or meeting.started_at <= self.timeframe_end)
            and (self.timeframe_start is None or meeting.ongoing or (meeting.ended_at or 0) >= self.timeframe_start)
        )


class ParticipantQuery(RequestModel):
    """A part of the participants; the cursors are participant ids."""

    model_config = ConfigDict(alias_generator=None)

    limit: Limit = MAX_PAGE
    joined_after: str | None = None
    joined_before: str | None = None


def meetings_router(log: MeetingLog, now: Callable[[], float]) -> APIRouter:
    """List, one, its participants."""
    router = APIRouter(prefix="/meetings", tags=["meetings"])

    def find(ident: str) -> Meeting:
        if (meeting := log.find(ident)) is None:
            raise NotFound(f"no meeting {ident}")
        return meeting

    @router.get(
        "", summary="List meetings, newest first", responses=says(MeetingList, "A page of them"), response_model=None
    )
    async def list_meetings(query: Annotated[MeetingQuery, Query()]) -> JSONResponse:
        wanted = [meeting for meeting in reversed(log.meetings) if query.fits(meeting)]
        shown = page(
            wanted,
            lambda meeting: meeting.id,
            query.limit,
            starting_after=query.starting_after,
            ending_before=query.ending_before,
        )
        data = [meeting.as_dict(now(), participants=not query.no_participants) for meeting in shown]
        return JSONResponse({"total_count": len(wanted), "data": data})

    @router.get(
        "/{meeting}", summary="Get a meeting", responses=says(MeetingObject, "The meeting"), response_model=None
    )
    async def get(meeting: str) -> JSONResponse:
        return JSONResponse(find(meeting).as_dict(now(), participants=False))

    @router.get(
        "/{meeting}/participants",
        summary="Who was in a meeting",
        responses=says(MeetingParticipants, "Those who joined last come first"),
        response_model=None,
    )
    async def participants(meeting: str, query: Annotated[ParticipantQuery, Query()]) -> JSONResponse:
        latest_first = list(reversed(find(meeting).attendances.values()))
        shown = page(
            latest_first,
            lambda visit: visit.participant_id,
            query.limit,
            starting_after=query.joined_before,
            ending_before=query.joined_after,
            names=("joined_before", "joined_after"),
        )
        return JSONResponse({"data": [visit.as_dict(now()) for visit in shown]})

    return router
