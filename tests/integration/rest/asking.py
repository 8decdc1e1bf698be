"""Asking the REST API for something that it refuses."""

from __future__ import annotations

from typing import Any

from tests.daily_side import DailySide

_ERRORS = {400: "invalid-request-error", 404: "not-found", 422: "invalid-request-error"}


async def refused(side: DailySide, method: str, path: str, status: int, **request: Any) -> str:
    """The `info` of the refusal, which has this status and the error that belongs to it."""
    response = await side.api.request(method, path, **request)
    assert response.status_code == status, response.text
    body = response.json()
    assert body["error"] == _ERRORS[status], body
    info: str = body["info"]
    return info
