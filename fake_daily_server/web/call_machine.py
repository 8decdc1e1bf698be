"""Serves the call machine: the script that the real daily-js loads, here instead of the one on Daily's CDN."""

from __future__ import annotations

import hashlib
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response

from fake_daily_server.values.errors import NotFound, ServerFault

BUNDLE = "call-machine-object-bundle.js"
"""The file name that daily-js requests, under `bundlePathOverride` or from the CDN."""

SOURCES = Path(__file__).parent.parent / "clients" / "javascript" / "call-machine"
_CONTENT_TYPE = "text/javascript; charset=utf-8"


def call_machine(sources: Path = SOURCES) -> str:
    """Join all `*.js` files of `sources`, in the order of their names, into one strict script without global variables.

    Raises ServerFault if there are no files.
    """
    files = sorted(sources.glob("*.js"))
    if not files:
        raise ServerFault(f"the call machine is missing: there is no *.js file in {sources}; reinstall the package")
    parts = [f"// {file.name}\n{file.read_text('utf-8').rstrip()}" for file in files]
    return "\n\n".join(("(() => {", '"use strict";', *parts, "})();\n"))


def call_machine_router() -> APIRouter:
    """Routes of the call machine: under /static for `bundlePathOverride`, and under its CDN path for proxies."""
    router = APIRouter(include_in_schema=False)

    @router.get(f"/static/{BUNDLE}", summary="The call machine for daily-js")
    @router.get(f"/call-machine/versioned/{{version}}/static/{BUNDLE}")
    async def bundle(request: Request) -> Response:
        script = call_machine().encode()
        tag = f'"{hashlib.sha256(script).hexdigest()[:32]}"'
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(script, media_type=_CONTENT_TYPE, headers=headers)

    @router.get("/static/{path:path}")
    async def nothing_else(path: str) -> Response:
        raise NotFound(f"/static/{path} not found; the only file there is /static/{BUNDLE}")

    return router
