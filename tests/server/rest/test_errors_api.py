"""Error responses, the API key, and the record of REST calls."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.daily_side import DailySide


@pytest.mark.parametrize(
    ("header", "status", "error"),
    [
        (None, 400, "authorization-header-error"),
        ("Basic abc", 400, "authorization-header-error"),
        ("Bearer", 400, "authorization-header-error"),
        ("Bearer wrong", 401, "authentication-error"),
    ],
)
@pytest.mark.parametrize(("method", "path"), [("GET", "/rooms"), ("POST", "/rooms"), ("GET", "/nowhere")])
async def test_the_api_key_is_checked_before_anything_else(
    side: DailySide, header: str | None, status: int, error: str, method: str, path: str
) -> None:
    headers = {} if header is None else {"Authorization": header}
    async with httpx.AsyncClient(trust_env=False) as client:
        response = await client.request(method, f"{side.url}/v1{path}", headers=headers, content=b"{not json")
    assert (response.status_code, response.json()["error"]) == (status, error)
    assert response.json()["info"]


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "error", "expected"),
    [
        ("GET", "/v1/nowhere", b"", 404, "not-found", "GET /v1/nowhere is not a resource"),
        ("GET", "/v1/rooms/a/b/c", b"", 404, "not-found", "/v1/openapi.json"),
        ("PUT", "/v1/rooms", b"", 405, "invalid-request-error", "allowed: "),
        ("POST", "/v1/rooms", b"{not json", 400, "json-parsing-error", "not JSON"),
        ("POST", "/v1/rooms", b'"text"', 400, "invalid-request-error", "must be a JSON object"),
        ("POST", "/v1/rooms", b"\xff\xfe", 400, "json-parsing-error", "not JSON"),
        ("POST", "/v1/rooms", b"[" * 100_000, 400, "json-parsing-error", "body"),
        ("GET", "/zork", b"", 404, "not-found", "room zork not found"),
        ("GET", "/redoc", b"", 400, "invalid-request-error", "cannot be a room"),
        ("POST", "/zork", b"", 405, "invalid-request-error", "allowed: GET"),
    ],
)
async def test_every_error_has_error_and_info(
    side: DailySide, method: str, path: str, content: bytes, status: int, error: str, expected: str
) -> None:
    headers = {"Content-Type": "application/json"} if content else {}
    response = await side.api.request(method, f"{side.url}{path}", content=content, headers=headers)
    body = response.json()
    assert (response.status_code, body["error"]) == (status, error), body
    assert expected in body["info"]


async def test_a_form_is_refused_with_a_hint_at_json(side: DailySide) -> None:
    response = await side.api.post("/rooms", data={"name": "a"})
    assert response.status_code == 400
    assert "Content-Type: application/json" in response.json()["info"]


async def test_a_body_without_content_type_is_parsed_as_json(side: DailySide) -> None:
    response = await side.api.post("/rooms", content=b'{"name": "a"}')
    assert response.json()["name"] == "a"


async def test_a_crash_is_a_server_error(side: DailySide, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("the roof is on fire")

    monkeypatch.setattr(side.store, "get", broken)
    response = await side.api.get("/rooms/a")
    assert (response.status_code, response.json()["error"]) == (500, "server-error")
    assert "the roof is on fire" in response.json()["info"]
    assert [record.fields["status"] for record in side.timeline.records(kind="rest")] == [500]


async def test_calls_are_recorded_on_the_timeline(side: DailySide) -> None:
    await side.api.post("/rooms", json={"name": "a"})
    await side.api.get("/rooms/b")
    await side.api.get(f"{side.url}/a")
    calls = [dict(record.fields) for record in side.timeline.records(kind="rest")]
    assert [(call["method"], call["path"], call["status"]) for call in calls] == [
        ("POST", "/v1/rooms", 200),
        ("GET", "/v1/rooms/b", 404),
    ]
    assert all(call["ms"] > 0 for call in calls)


async def test_openapi_needs_no_key_and_describes_the_telephony(side: DailySide) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        document = (await client.get(f"{side.url}/v1/openapi.json")).json()
    assert "/v1/rooms/{room}/dialOut/start" in document["paths"]
    assert "waitBeforeExtensionDialSec" in document["components"]["schemas"]["StartDialOut"]["properties"]
