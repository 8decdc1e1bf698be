"""`/logs` and `/logs/api` (https://docs.daily.co/reference/rest-api/logs)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import Field, field_validator

from fake_daily_server.domain.api_log import ApiLog
from fake_daily_server.domain.meetings import LogLevel, LogLine, MeetingLog
from fake_daily_server.rest.api_router import api_router
from fake_daily_server.rest.response_models import ApiLogEntry, Logs, responds_with
from fake_daily_server.settings import Settings
from fake_daily_server.values.errors import InvalidRequest
from fake_daily_server.values.paging import Limit, Paging
from fake_daily_server.values.validation import RequestModel

_DEFAULT_LIMIT = 20


class LogQuery(RequestModel):
    """The filters of `/logs`; `mtgSessionId` or `userSessionId` is required. Times are unix times in ms."""

    include_logs: bool = True
    include_metrics: bool = False
    user_session_id: str | None = None
    mtg_session_id: str | None = None
    log_level: LogLevel | None = None
    order: Literal["ASC", "DESC"] = "DESC"
    start_time: int | None = None
    end_time: int | None = None
    limit: Limit = _DEFAULT_LIMIT
    offset: Annotated[int, Field(ge=0)] = 0

    @field_validator("order", mode="before")
    @classmethod
    def _in_any_case(cls, order: Any) -> Any:
        return order.upper() if isinstance(order, str) else order

    def matches(self, line: LogLine) -> bool:
        """Whether the line matches all filters."""
        at_ms = line.at * 1000
        return (
            self.user_session_id in (None, line.participant_id)
            and self.mtg_session_id in (None, line.meeting_id)
            and self.log_level in (None, line.level)
            and (self.start_time is None or at_ms >= self.start_time)
            and (self.end_time is None or at_ms <= self.end_time)
        )


class ApiLogQuery(Paging):
    """The filters of `/logs/api`. `url` is the whole path of an API call, or the whole URL of a webhook."""

    limit: Limit = _DEFAULT_LIMIT
    source: Literal["api", "webhook"] = "api"
    url: str | None = None


def logs_router(settings: Settings, meetings: MeetingLog, api_log: ApiLog) -> APIRouter:
    """Routes to read the log of sessions and the log of API calls."""
    router = api_router("logs", prefix="/logs")

    @router.get(
        "",
        summary="What happened in a session or to a participant",
        responses=responds_with(Logs, "The matching lines, in the requested order"),
    )
    async def list_logs(query: Annotated[LogQuery, Query()]) -> JSONResponse:
        if query.user_session_id is None and query.mtg_session_id is None:
            raise InvalidRequest("mtgSessionId or userSessionId is required")
        body: dict[str, Any] = {}
        if query.include_logs:
            lines = [line for line in meetings.lines if query.matches(line)]
            if query.order == "DESC":
                lines.reverse()
            wanted = lines[query.offset : query.offset + query.limit]
            body["logs"] = [line.as_dict(settings.domain) for line in wanted]
        if query.include_metrics:
            body["metrics"] = []
        return JSONResponse(body)

    @router.get(
        "/api",
        summary="Calls of the REST API and of webhooks, newest first",
        responses=responds_with(list[ApiLogEntry], "A page of calls"),
    )
    async def list_calls(query: Annotated[ApiLogQuery, Query()]) -> JSONResponse:
        wanted = [
            entry for entry in api_log.newest_first() if entry.source == query.source and query.url in (None, entry.url)
        ]
        shown = query.page_of(wanted, lambda entry: entry.id)
        return JSONResponse([entry.as_dict(settings.domain_id) for entry in shown])

    return router
