"""The call machine over HTTP, and the pages that may call the server from a browser (CORS)."""

from __future__ import annotations

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from fake_daily_server.web.call_machine import BUNDLE, call_machine
from tests.daily_side import DailySide, daily_side

PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
PAGES = ("http://localhost:5173", "http://127.0.0.1:8000", "https://localhost", "http://[::1]:3000")


@pytest.mark.parametrize("path", [f"/static/{BUNDLE}", f"/call-machine/versioned/0.92.2/static/{BUNDLE}"])
async def test_the_call_machine_is_served_where_daily_js_loads_it(side: DailySide, path: str) -> None:
    answer = await side.api.get(f"{side.url}{path}", headers={"Authorization": ""})
    assert answer.status_code == 200
    assert answer.text == call_machine()
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    again = await side.api.get(f"{side.url}{path}", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_other_static_files_are_404(side: DailySide) -> None:
    answer = await side.api.get(f"{side.url}/static/daily.js")
    assert answer.status_code == 404
    assert answer.json() == {
        "error": "not-found",
        "info": f"/static/daily.js not found; the only file there is /static/{BUNDLE}",
    }


@pytest.mark.parametrize("page", PAGES)
async def test_pages_of_this_machine_may_call_the_api(side: DailySide, page: str) -> None:
    side.room()
    asked = await side.api.options("/rooms", headers={"Origin": page, **PREFLIGHT, "Authorization": ""})
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-origin"] == page
    assert asked.headers["access-control-allow-headers"] == "authorization,content-type"
    assert "DELETE" in asked.headers["access-control-allow-methods"]
    answer = await side.api.get("/rooms/demo", headers={"Origin": page})
    assert answer.json()["name"] == "demo"
    assert answer.headers["access-control-allow-origin"] == page
    assert answer.headers["vary"] == "Origin"


async def test_pages_can_read_error_responses_too(side: DailySide) -> None:
    refused = await side.api.get("/rooms", headers={"Origin": PAGES[0], "Authorization": ""})
    assert refused.status_code == 400
    assert refused.headers["access-control-allow-origin"] == PAGES[0]


@pytest.mark.parametrize(
    "page",
    [
        "https://example.com",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com:80",
        "http://10.0.0.2",
        "null",
    ],
)
async def test_pages_of_other_hosts_may_not_call_the_api(side: DailySide, page: str) -> None:
    for answer in (
        await side.api.options("/rooms", headers={"Origin": page, **PREFLIGHT}),
        await side.api.get("/rooms", headers={"Origin": page}),
    ):
        assert "access-control-allow-origin" not in answer.headers
    made = await side.api.post("/rooms", headers={"Origin": page}, json={"name": "from-elsewhere"})
    assert made.status_code == 403
    assert ("allow_file_pages" if page == "null" else page) in made.json()["info"]
    assert "from-elsewhere" not in side.store.rooms


DOORS = ("/v1/rooms", "/_sim/timeline", "/_sim/sandbox?token=x", "/demo", f"/static/{BUNDLE}", "/", "/docs/start")


@pytest.mark.parametrize("path", DOORS)
async def test_other_pages_are_refused_at_every_path(side: DailySide, path: str) -> None:
    side.room()
    answer = await side.api.get(f"{side.url}{path}", headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403
    assert "allow_origins" in answer.json()["info"]


@pytest.mark.parametrize("page", ["http://evil.example", "null"])
async def test_other_pages_cannot_open_a_websocket(side: DailySide, page: str) -> None:
    side.room()
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"{side.url.replace('http', 'ws')}/demo", origin=Origin(page))
    assert refused.value.response.status_code == 403
    async with connect(f"{side.url.replace('http', 'ws')}/demo", origin=Origin(PAGES[0])):
        pass


async def test_pages_are_allowed_by_settings() -> None:
    page = "https://app.test:8443"
    async with daily_side(allow_origins=(page,), allow_file_pages=True) as side:
        for origin in (page, "null"):
            answer = await side.api.get("/rooms", headers={"Origin": origin})
            assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, origin)
        assert (await side.api.get("/rooms", headers={"Origin": "https://app.test"})).status_code == 403
