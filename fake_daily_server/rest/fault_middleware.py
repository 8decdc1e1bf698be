"""Carries out the faults on requests of the REST API."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Receive, Scope, Send

from fake_daily_server.rest.faults import RestFaults
from fake_daily_server.values.errors import DailyError
from fake_daily_server.web.error_answers import answer
from simulator.timeline import Timeline

FAULT = "daily_sim.fault"
"""The key of the name of the fault that has taken a request, in its ASGI scope."""
_GARBAGE = b"<html><body>502 Bad Gateway</body></html>"


class RestFaultMiddleware:
    """Carries out the faults on requests that have the API key; the timeline says which request a fault took."""

    def __init__(self, app: ASGIApp, faults: RestFaults, timeline: Timeline) -> None:
        self._app = app
        self._faults = faults
        self._timeline = timeline

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        taken = self._faults.take(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if taken is None:
            await self._app(scope, receive, send)
            return
        fault, number = taken
        scope[FAULT] = fault.fault
        self._timeline.append("rest", did=fault.fault, method=scope["method"], path=scope["path"], number=number)
        if fault.status is not None:
            error = "rate-limit-error" if fault.status == 429 else "server-error"
            await answer(DailyError(fault.status, error, f"the fault {fault.fault} is set"))(scope, receive, send)
        elif fault.fault == "rest-reset":
            self._faults.reset_connection(tuple(scope["client"]))
            while (await receive())["type"] != "http.disconnect":
                pass
        elif fault.fault == "rest-garbage":
            headers = [(b"content-type", b"text/html"), (b"content-length", str(len(_GARBAGE)).encode())]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": _GARBAGE})
        else:
            await asyncio.sleep((fault.delay_ms or 0) / 1000)
            await self._app(scope, receive, send)
