"""Faults on requests of the REST API: an error, HTML in place of JSON, a delay, and the records of what they took."""

from __future__ import annotations

import time

import httpx
import pytest
from pydantic import ValidationError

from fake_daily_server.rest.faults import RestFault
from fake_daily_server.server import FakeDaily
from fake_daily_server.timeline_text.lines import describe


def outcomes(daily: FakeDaily) -> list[str]:
    """What the log of a run shows of each request, without those of the control API."""
    records = [record for record in daily.timeline.records(kind="rest") if "did" not in record.fields]
    return [text.text for record in records if (text := describe(record)) is not None]


async def test_requests_fail_as_the_fault_says(fake_daily: FakeDaily, daily_api: httpx.AsyncClient) -> None:
    faults = f"{fake_daily.url}/_sim/rest/faults"
    for body in (
        {"fault": "rest-status", "path": "/v1/rooms", "method": "POST", "status": 503, "nth": 2},
        {"fault": "rest-garbage", "path": "/v1/rooms", "method": "GET"},
        {"fault": "rest-delay", "path": "/v1/logs", "delay_ms": 300},
    ):
        assert (await daily_api.post(faults, json=body)).status_code == 200
    created = [(await daily_api.post("rooms", json={})).status_code for _ in range(3)]
    assert created == [200, 503, 200]
    html = await daily_api.get("rooms")
    assert (html.status_code, html.headers["content-type"], html.text[:6]) == (200, "text/html", "<html>")
    assert (await daily_api.get("rooms")).json()["total_count"] == 2  # the refused request had no effect
    before = time.monotonic()
    await daily_api.get("logs")
    assert time.monotonic() - before >= 0.3
    did = [record.fields for record in fake_daily.timeline.records(kind="rest") if "did" in record.fields]
    assert [(each["did"], each["method"], each["path"], each["number"]) for each in did] == [
        ("rest-status", "POST", "/v1/rooms", 2),
        ("rest-garbage", "GET", "/v1/rooms", 1),
        ("rest-delay", "GET", "/v1/logs", 1),
    ]
    assert [text for text in outcomes(fake_daily) if "rest-" in text] == [
        "POST /v1/rooms → 503 (rest-status)",
        "GET /v1/rooms → 200 (rest-garbage)",
        "GET /v1/logs → 400 (rest-delay)",
    ]
    assert (await daily_api.delete(f"{fake_daily.url}/_sim/faults")).json() == {"ok": True}


async def test_a_request_loses_its_connection(fake_daily: FakeDaily, daily_api: httpx.AsyncClient) -> None:
    body = {"fault": "rest-reset", "path": "/v1/rooms", "method": "POST", "nth": 2}
    assert (await daily_api.post(f"{fake_daily.url}/_sim/rest/faults", json=body)).status_code == 200
    assert (await daily_api.post("rooms", json={})).status_code == 200
    with pytest.raises(httpx.ReadError):  # not RemoteProtocolError, as after a connection that is closed
        await daily_api.post("rooms", json={})
    assert (await daily_api.get("rooms")).json()["total_count"] == 1  # it had no effect
    did = [record.fields for record in fake_daily.timeline.records(kind="rest") if "did" in record.fields]
    assert [(each["did"], each["number"]) for each in did] == [("rest-reset", 2)]
    assert outcomes(fake_daily) == [
        "POST /v1/rooms → 200",
        "POST /v1/rooms → connection reset (rest-reset)",
        "GET /v1/rooms → 200",
    ]
    logged = (await daily_api.get("logs/api")).json()
    assert [(each["method"], each["status"]) for each in logged if each["url"] == "/v1/rooms"] == [
        ("GET", 200),
        ("POST", 200),
    ]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"fault": "rest-status"}, "requires a `status`"),
        ({"fault": "rest-delay"}, "requires `delay_ms`"),
        ({"fault": "rest-garbage", "path": "/rooms"}, "pattern"),
        ({"fault": "rest-garbage", "metod": "GET"}, "did you mean 'method'"),
    ],
)
def test_a_wrong_fault_is_refused(fields: dict[str, str], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        RestFault.model_validate(fields)
