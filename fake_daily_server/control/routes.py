"""The base of all routes under `/_sim`: query parameters are checked, and every error response is `{error, info}`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Annotated, Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import Field

from fake_daily_server.timeline_text.account import account
from fake_daily_server.values.errors import DailyError, InvalidRequest
from simulator.errors import CallError, ExpectationFailed, SimulatorError
from simulator.timeline import Timeline
from simulator.validation_errors import KnownFieldsModel, unknown_name

LONGEST_WAIT_MS = 60_000
_SHOWN_LINES = 20
"""How many lines of the account the error of a failed wait shows."""

WithinMs = Annotated[int, Field(ge=0, le=LONGEST_WAIT_MS, description="How long to wait, in ms.")]


class Body(KnownFieldsModel):
    """A request body. Unknown fields are refused; the error suggests the nearest known name."""


class WaitBody(Body):
    """How long to wait. After that time the response is 408, and `info` says what happened instead."""

    within_ms: WithinMs = 5000

    @property
    def within(self) -> float:
        """The limit in seconds."""
        return self.within_ms / 1000


class ControlRoute(APIRoute):
    """A route that refuses unknown query parameters, and turns errors of the simulator into error responses."""

    @staticmethod
    def latest_lines() -> list[str]:
        """What has happened last, for the error of a wait that failed."""
        return []

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler, with the check of query parameters before it and the conversion of errors around it."""
        handle = super().get_route_handler()
        known = [parameter.alias for parameter in self.dependant.query_params]

        async def checked(request: Request) -> Response:
            for given in request.query_params:
                if given not in known:
                    raise InvalidRequest(unknown_name("query parameter", given, known))
            try:
                return await handle(request)
            except DailyError:
                raise
            except SimulatorError as refused:
                raise _as_daily_error(refused, self.latest_lines()) from refused

        return checked


def control_route(timeline: Timeline) -> type[ControlRoute]:
    """The class of routes whose failed waits show the end of this timeline, in the words of scenario reports."""

    class RouteWithTimeline(ControlRoute):
        """A control route of one server."""

        @staticmethod
        def latest_lines() -> list[str]:
            return account(timeline.records())[-_SHOWN_LINES:]

    return RouteWithTimeline


def accept(handler: Callable[..., Any], model: type[Body]) -> None:
    """Declare the request body of `handler`: its argument `body` of type `model`, optional if no field is required."""
    if any(field.is_required() for field in model.model_fields.values()):
        handler.__annotations__["body"] = model
        handler.__defaults__ = ()
    else:
        handler.__annotations__["body"] = model | None


def _as_daily_error(error: SimulatorError, latest_lines: Sequence[str]) -> DailyError:
    """Convert an error of the simulator: 408 for a failed wait, 409 for the state of a call, 400 for anything else."""
    if isinstance(error, ExpectationFailed):
        happened = ["Happened", *(f"   {line}" for line in latest_lines)] if latest_lines else []
        return DailyError(408, "expectation-failed", "\n".join([error.without_records, *happened]))
    if isinstance(error, CallError):
        return DailyError(409, "call-error", str(error))
    return InvalidRequest(str(error))
