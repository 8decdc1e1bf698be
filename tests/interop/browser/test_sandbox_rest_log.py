"""The REST requests on the page: those of every client, sent again as they were or edited, and as curl."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import httpx
import pytest
import pytest_asyncio

from fake_daily_server.server import FakeDaily
from tests.interop.browser.sandbox_page import press, sandbox_page

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Locator, Page

pytestmark = [pytest.mark.interop("playwright", "chromium", "curl"), pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext, fake_daily: FakeDaily) -> AsyncIterator[Page]:
    async with sandbox_page(context, fake_daily) as page:
        yield page


def api(daily: FakeDaily) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {daily.api_key}", "User-Agent": "bot/1"}
    return httpx.AsyncClient(base_url=daily.url, headers=headers, trust_env=False)


def requests(page: Page) -> Locator:
    return page.get_by_role("region", name="REST requests").locator("#rest-requests > li")


async def opened(page: Page, summary: str) -> Locator:
    entry = requests(page).filter(has_text=summary).first
    await entry.locator("summary").click()
    return entry


async def test_a_request_of_another_client_is_shown_and_replayed(page: Page, fake_daily: FakeDaily) -> None:
    async with api(fake_daily) as client:
        await client.post("/v1/rooms", json={"properties": {"enable_dialout": True}})
    entry = await opened(page, "POST /v1/rooms → 200")
    await entry.get_by_text("bot/1").wait_for()
    assert await entry.get_by_label("body").text_content() == '{"properties":{"enable_dialout":true}}'
    assert '"api_created": true' in (await entry.get_by_label("answer").text_content() or "")
    before = len(fake_daily.rooms.rooms)
    await press(entry, "replay")
    await page.wait_for_function("() => document.querySelectorAll('#rest-requests > li').length === 2")
    assert len(fake_daily.rooms.rooms) == before + 1
    assert all(room.properties.enable_dialout for room in fake_daily.rooms.rooms.values())


async def test_a_request_is_edited_and_sent_again(page: Page, fake_daily: FakeDaily) -> None:
    async with api(fake_daily) as client:
        await client.post("/v1/rooms", json={"name": "lobby"})
    await press(await opened(page, "POST /v1/rooms → 200"), "edit and send again")
    body = page.get_by_label("body", exact=True).and_(page.locator("textarea"))
    assert await body.input_value() == '{\n  "name": "lobby"\n}'
    await body.fill('{"name": "no name"}')
    await fake_daily.join("demo", user_name="late")  # the panels change, and what was typed stays
    await page.get_by_text("late", exact=True).wait_for()
    await press(page.locator("#rest-editor"), "send")
    refused = requests(page).filter(has_text="POST /v1/rooms → 400")
    await refused.wait_for()
    await body.fill('{"name": "hall"}')
    await press(page.locator("#rest-editor"), "send")
    await page.get_by_role("article", name="room hall").wait_for()


async def test_the_copied_command_makes_the_same_request(
    page: Page, context: BrowserContext, fake_daily: FakeDaily
) -> None:
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    async with api(fake_daily) as client:
        await client.post("/v1/rooms", json={"properties": {"sip": {"display_name": "O'Neill"}}})
    await press(await opened(page, "POST /v1/rooms → 200"), "copy as curl")
    await page.get_by_role("button", name="copied").wait_for()
    command = await page.evaluate("navigator.clipboard.readText()")
    before = set(fake_daily.rooms.rooms)
    run = await asyncio.create_subprocess_shell(f"{command} --fail --silent --output /dev/null")
    assert await run.wait() == 0
    (made,) = set(fake_daily.rooms.rooms) - before
    assert fake_daily.rooms.rooms[made].as_dict()["config"]["sip"]["display_name"] == "O'Neill"
