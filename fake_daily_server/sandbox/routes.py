"""The routes of the page, below `/_sim/sandbox`."""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from fake_daily_server.report.page import STYLE, asset
from fake_daily_server.sandbox.compressed import gzipped
from fake_daily_server.sandbox.ladder_filter import LadderFilter
from fake_daily_server.sandbox.opened_rows import opened_row
from fake_daily_server.sandbox.updates import page_updates
from fake_daily_server.values.errors import NotFound

if TYPE_CHECKING:
    from fake_daily_server.server import FakeDaily

_ASSETS = Path(__file__).with_name("assets")
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
_EVENTS = "text/event-stream"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""Its own files only; and no page of others has it in a frame, where a person could be led to click on it."""


FilterText = Annotated[str, Query(max_length=200)]
Hidden = Annotated[list[str], Query()]


def add_sandbox(router: APIRouter, daily: FakeDaily) -> None:
    """Add the page, its files and its updates."""

    @router.get("/sandbox", include_in_schema=False)
    async def page() -> Response:
        text = Template((_ASSETS / "sandbox.html").read_text("utf-8")).substitute(
            domain=escape(daily.domain), api_key=escape(daily.api_key), sip=escape(daily.sip)
        )
        return HTMLResponse(text, headers={"Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer"})

    @router.get("/sandbox/updates", include_in_schema=False)
    async def updates(
        request: Request,
        text: FilterText = "",
        hide: Hidden = [],  # noqa: B006 - FastAPI makes a new list for each request
        until: int | None = None,
    ) -> Response:
        events = page_updates(daily, LadderFilter(text, frozenset(hide), until))
        headers = {"Cache-Control": "no-store"}
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return StreamingResponse(events, media_type=_EVENTS, headers=headers)
        return StreamingResponse(gzipped(events), media_type=_EVENTS, headers={**headers, "Content-Encoding": "gzip"})

    @router.get("/sandbox/rows/{identity}", include_in_schema=False)
    async def opened(identity: str) -> Response:
        return HTMLResponse(opened_row(daily, identity), headers={"Cache-Control": "no-store"})

    @router.get("/sandbox/{name}", include_in_schema=False)
    async def file(name: str) -> Response:
        if name == STYLE:
            return Response(asset(STYLE), media_type=_TYPES[".css"])
        known = sorted(path.name for path in _ASSETS.iterdir() if path.suffix in _TYPES)
        if name not in known:
            raise NotFound(f"/_sim/sandbox/{name} not found; there are {', '.join([STYLE, *known])}")
        path = _ASSETS / name
        return Response(path.read_bytes(), media_type=_TYPES[path.suffix])
