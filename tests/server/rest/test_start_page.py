"""What a browser finds at `/` and `/docs`; other clients get JSON, as everywhere."""

from __future__ import annotations

import re

import pytest

from fake_daily_server.app import DESCRIBED
from tests.daily_side import DailySide

BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "Authorization": ""}


async def test_a_browser_gets_a_page_that_names_the_addresses(side: DailySide) -> None:
    answer = await side.api.get(side.url, headers=BROWSER)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    for shown in (f"{side.url}/v1", "sip:127.0.0.1:", "sandbox", "DAILY_API_URL"):
        assert shown in answer.text
    assert side.site.settings.api_key not in answer.text


async def test_each_link_of_the_page_to_this_server_is_answered(side: DailySide) -> None:
    page = (await side.api.get(side.url, headers=BROWSER)).text
    links = set(re.findall(r'href="(/[^"]*)"', page))
    control = {"/_sim/sandbox", "/_sim/report", "/_sim/timeline", "/_sim/openapi.json"}
    assert {*DESCRIBED, *control, "/v1/openapi.json"} == links
    for link in links - control:  # tests/interop follows these
        answer = await side.api.get(f"{side.url}{link}", headers=BROWSER)
        assert answer.status_code == 200, link


async def test_with_a_sandbox_the_root_leads_there_and_the_start_page_stays_where_it_always_is(side: DailySide) -> None:
    before = await side.api.get(side.url, headers=BROWSER)
    side.site.page_access.at_root = True
    answer = await side.api.get(side.url, headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (303, "/_sim/sandbox")
    assert (await side.api.get(f"{side.url}/docs/start", headers=BROWSER)).text == before.text
    assert (await side.api.get(side.url, headers={"Accept": "*/*"})).status_code == 404
    assert side.site.page_access.address(side.url) == f"{side.url}/"


@pytest.mark.parametrize("accept", ["*/*", "application/json"])
async def test_any_other_client_gets_404_with_the_way_out(side: DailySide, accept: str) -> None:
    answer = await side.api.get(side.url, headers={"Accept": accept})
    assert answer.status_code == 404
    assert answer.json()["error"] == "not-found"
    assert "/v1/openapi.json lists all" in answer.json()["info"]


@pytest.mark.parametrize(
    "path", ["/nothing/here", "/docs/nothing", "/redoc/x", "/assets/redoc.standalone.js", "/lobby"]
)
async def test_other_paths_keep_their_json_answer_for_browsers(side: DailySide, path: str) -> None:
    answer = await side.api.get(f"{side.url}{path}", headers=BROWSER)
    assert answer.status_code == 404
    assert answer.json()["error"] == "not-found"


@pytest.mark.parametrize("path", DESCRIBED)
async def test_swagger_ui_comes_from_this_server_alone(side: DailySide, path: str) -> None:
    page = await side.api.get(f"{side.url}{path}", headers=BROWSER)
    found = set(re.findall(r'(?:src|href)="([^"]*)"', page.text))
    (back,), loaded = found & {"/docs/start"}, found - {"/docs/start"}
    assert (back, len(loaded)) == ("/docs/start", 3)
    assert (await side.api.get(f"{side.url}{back}", headers={"Authorization": ""})).status_code == 200
    for address in loaded:
        answer = await side.api.get(f"{side.url}{address}", headers={"Authorization": ""})
        assert (address[0], answer.status_code) == ("/", 200)
        assert len(answer.content) > 1000
    assert "https://" not in page.text
