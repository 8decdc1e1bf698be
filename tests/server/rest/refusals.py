"""Requests that the REST API refuses."""

from __future__ import annotations

from typing import Any

from tests.daily_side import DailySide

_ERRORS = {400: "invalid-request-error", 404: "not-found", 422: "invalid-request-error"}


async def refused(side: DailySide, method: str, path: str, status: int, **request: Any) -> str:
    """Send a request, check that it is refused with this status and its error, and return the `info`."""
    response = await side.api.request(method, path, **request)
    assert response.status_code == status, response.text
    body = response.json()
    assert body["error"] == _ERRORS[status], body
    info: str = body["info"]
    return info
