"""The logs of sessions and of API calls over REST."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.responses import JSONResponse
from starlette.types import Message, Receive, Scope, Send

from fake_daily_server.domain.api_log import MAX_BODY_BYTES, ApiLog
from fake_daily_server.rest.middleware import ApiLogMiddleware
from simulator.timeline import Timeline
from tests.daily_side import DailySide
from tests.server.rest.refusals import refused


async def test_logs_show_joins_and_leaves_of_participants(side: DailySide) -> None:
    room = side.room()
    async with side.client() as ann, side.client() as bob:
        assert room.session is not None
        session = room.session.id

    async def lines(**query: Any) -> list[tuple[str, str]]:
        found = (await side.api.get("/logs", params=query)).json()
        assert list(found) == ["logs"]
        return [(line["message"], line["userSessionId"]) for line in found["logs"]]

    came, went = ("joined session", ann.session_id), ("leaving session", ann.session_id)
    assert await lines(userSessionId=ann.session_id) == [went, came]
    assert await lines(userSessionId=ann.session_id, order="asc") == [came, went]
    everything = await lines(mtgSessionId=session, order="ASC")
    assert everything == [came, ("joined session", bob.session_id), ("leaving session", bob.session_id), went]
    assert await lines(mtgSessionId=session, order="ASC", offset=1, limit=2) == everything[1:3]
    assert await lines(mtgSessionId=session, logLevel="ERROR") == []
    assert await lines(mtgSessionId=session, endTime=int(side.clock() * 1000) - 60_000) == []
    assert len(await lines(mtgSessionId=session, startTime=int(side.clock() * 1000) - 60_000)) == 4
    assert await lines(mtgSessionId="zork") == []
    line = (await side.api.get("/logs", params={"mtgSessionId": session})).json()["logs"][0]
    assert line == {
        "time": line["time"],
        "clientTime": line["time"],
        "message": "leaving session",
        "mtgSessionId": session,
        "userSessionId": ann.session_id,
        "peerId": None,
        "domainName": "sandbox",
        "level": 1,
        "code": None,
    }


async def test_metrics_are_an_empty_list_on_request(side: DailySide) -> None:
    query = {"mtgSessionId": "x", "includeLogs": "false", "includeMetrics": "true"}
    assert (await side.api.get("/logs", params=query)).json() == {"metrics": []}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "mtgSessionId or userSessionId is required"),
        ("mtgSessionId=x&logLevel=WARN", "'ERROR', 'INFO' or 'DEBUG'"),
        ("mtgSessionId=x&order=UP", "'ASC' or 'DESC'"),
        ("mtgSessionId=x&limit=0", "limit: '0'"),
        ("mtgSessionId=x&offset=-1", "offset: '-1'"),
        ("mtgsessionid=x", "did you mean 'mtgSessionId'?"),
    ],
)
async def test_invalid_queries_are_refused(side: DailySide, query: str, expected: str) -> None:
    assert expected in await refused(side, "GET", f"/logs?{query}", 400)


async def test_calls_of_the_api_are_logged_with_their_bodies(side: DailySide) -> None:
    await side.api.post("/rooms", json={"name": "a"})
    await side.api.get("/rooms/b")
    newest, oldest = (await side.api.get("/logs/api")).json()
    assert (newest["method"], newest["url"], newest["status"], newest["request"]) == ("GET", "/v1/rooms/b", 404, None)
    assert json.loads(newest["response"])["error"] == "not-found"
    assert json.loads(oldest["request"]) == {"name": "a"}
    assert json.loads(oldest["response"])["name"] == "a"
    assert oldest == {
        **oldest,
        "userId": side.store.settings.domain_id,
        "domainId": side.store.settings.domain_id,
        "source": "api",
        "ip": "127.0.0.1",
        "method": "POST",
        "url": "/v1/rooms",
        "status": 200,
    }


async def test_logged_calls_are_filtered_and_paged(side: DailySide) -> None:
    for name in "abc":
        await side.api.post("/rooms", json={"name": name})

    async def found(**query: Any) -> list[str]:
        page = (await side.api.get("/logs/api", params={"url": "/v1/rooms", **query})).json()
        return [entry["id"] for entry in page]

    newest, middle, oldest = await found()
    assert await found(limit=1) == [newest]
    assert await found(starting_after=newest) == [middle, oldest]
    assert await found(ending_before=oldest) == [newest, middle]
    assert await found(url="/v1/zork") == []
    assert await found(source="webhook") == []
    assert "source: 'sms'" in await refused(side, "GET", "/logs/api?source=sms", 400)
    await side.site.reset()
    assert await found() == []


async def test_long_bodies_are_truncated(side: DailySide) -> None:
    await side.api.post("/rooms", json={"name": "x" * 10_000})
    (entry,) = (await side.api.get("/logs/api")).json()
    assert len(entry["request"]) == 4096


async def test_a_request_is_in_the_logs_before_its_response_is_sent() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await JSONResponse({"total_count": 0, "data": []})(scope, receive, send)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        logged.append((message["type"], len(list(timeline.records(kind="rest"))), len(log.newest_first())))

    logged: list[tuple[str, int, int]] = []
    timeline, log = Timeline(), ApiLog()
    scope = {"type": "http", "method": "GET", "path": "/v1/rooms", "headers": []}
    await ApiLogMiddleware(app, timeline, log, time.time)(scope, receive, send)
    assert logged == [("http.response.start", 0, 0), ("http.response.body", 1, 1)]
    assert len(list(timeline.records(kind="rest"))) == 1


async def test_of_a_body_that_was_not_read_or_kept_whole_the_log_knows_that(side: DailySide) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"name": "unread"}'

    wrong = {"Authorization": "Bearer wrong"}
    await side.api.post("/rooms", json={"name": "unread"}, headers=wrong)
    await side.api.post("/rooms", content=chunks(), headers=wrong)
    await side.api.get("/rooms", headers=wrong)
    await side.api.post("/rooms", json={"properties": {"lang": "x" * MAX_BODY_BYTES}})
    await side.api.post("/rooms", content=chunks())
    await side.api.post("/rooms")
    entries = [entry.whole for entry in reversed(side.site.api_log.newest_first())]
    assert entries == [False, False, True, False, True, True]
