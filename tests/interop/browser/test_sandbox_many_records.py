"""The page with 10,000 records: few rows at a time, all within reach, by text, by marks, and in several tabs alike."""

from __future__ import annotations

import re
import socket
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import httpx
import pytest
import pytest_asyncio

from fake_daily_server.sandbox.free_ports import next_free_port
from fake_daily_server.sandbox.live_ladder import MOST_ROWS
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from tests.interop.browser.sandbox_page import WITHIN_MS, ladder, sandbox_page

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

pytestmark = [pytest.mark.interop("playwright", "chromium"), pytest.mark.asyncio(loop_scope="session")]
RECORDS = 10_000
MOST_BYTES = 300_000
MOST_ELEMENTS_OF_A_ROW = 20
ROWS = "() => document.querySelectorAll('#rows .line').length"
ELEMENTS = "() => document.querySelectorAll('*').length"


async def add(daily: FakeDaily, count: int, about: str = "note") -> None:
    """Add notes to the timeline, each with its number."""
    for number in range(count):
        daily.timeline.append("note", text=f"{about} {number}", payload={"inside": f"payload-{about}-{number}"})


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext, fake_daily: FakeDaily) -> AsyncIterator[Page]:
    await fake_daily.owner_loop.run(add(fake_daily, RECORDS))
    async with sandbox_page(context, fake_daily, add=False) as page:
        await ladder(page).get_by_text(f"note {RECORDS - 1}", exact=True).first.wait_for()
        yield page


async def test_the_page_has_a_limited_number_of_rows_and_elements(page: Page, fake_daily: FakeDaily) -> None:
    assert await page.evaluate(ROWS) == MOST_ROWS
    before = await page.evaluate(ELEMENTS)
    assert before < MOST_ROWS * MOST_ELEMENTS_OF_A_ROW + 500
    for batch in range(5):
        await fake_daily.owner_loop.run(add(fake_daily, 1000, f"batch {batch}"))
        await ladder(page).get_by_text(f"batch {batch} 999", exact=True).first.wait_for()
    assert await page.evaluate(ROWS) == MOST_ROWS
    assert await page.evaluate(ELEMENTS) <= before


async def test_a_page_that_is_paused_keeps_nothing_and_goes_on_with_all(page: Page, fake_daily: FakeDaily) -> None:
    await page.get_by_label("paused").check()
    await fake_daily.owner_loop.run(add(fake_daily, 1000, "meanwhile"))
    await page.get_by_label("paused").uncheck()
    await ladder(page).get_by_text("meanwhile 999", exact=True).first.wait_for()
    assert await page.evaluate(ROWS) == MOST_ROWS


async def test_what_the_page_loads_at_first_is_small(context: BrowserContext, fake_daily: FakeDaily) -> None:
    """Counted on the wire: the files as they are, and the events until all rows are there."""
    await fake_daily.owner_loop.run(add(fake_daily, RECORDS))
    async with httpx.AsyncClient(base_url=fake_daily.url, trust_env=False) as http:
        page = (await http.get("/_sim/sandbox")).text
        files = [await http.get(path) for path in re.findall(r'(?:src|href)="(/_sim/sandbox/[^"]+)"', page)]
        size = len(page) + sum(len(file.content) for file in files)
        async with http.stream("GET", "/_sim/sandbox/updates") as events:
            text = ""
            async for part in events.aiter_text():
                text += part
                if f"note {RECORDS - 1}" in text:
                    break
            size += events.num_bytes_downloaded
    assert len(files) >= 6
    assert size < MOST_BYTES


async def test_older_rows_are_within_reach(page: Page) -> None:
    await page.get_by_role("button", name="older rows").click()
    await ladder(page).get_by_text(f"note {RECORDS - MOST_ROWS - 1}", exact=True).first.wait_for()
    assert await page.evaluate(ROWS) == MOST_ROWS
    await page.get_by_role("button", name="latest rows").click()
    await ladder(page).get_by_text(f"note {RECORDS - 1}", exact=True).first.wait_for()


async def test_a_text_in_the_payload_finds_a_row_among_all_records(page: Page) -> None:
    await page.get_by_label("with text").fill("Payload-note-77")
    await page.wait_for_function("() => document.querySelectorAll('#rows .line').length === 111")
    await ladder(page).get_by_text("note 77", exact=True).first.wait_for()
    await page.get_by_label("with text").fill("")
    await ladder(page).get_by_text(f"note {RECORDS - 1}", exact=True).first.wait_for()
    await page.wait_for_function(f"() => document.querySelectorAll('#rows .line').length === {MOST_ROWS}")


async def test_a_mark_far_above_is_reached(page: Page, fake_daily: FakeDaily) -> None:
    await page.get_by_role("textbox", name="mark").fill("far above")
    await page.get_by_role("button", name="add mark").click()
    await ladder(page).get_by_text("far above", exact=True).first.wait_for()
    await fake_daily.owner_loop.run(add(fake_daily, 2000, "later"))
    await ladder(page).get_by_text("later 1999", exact=True).first.wait_for()
    await page.get_by_role("button", name="previous mark").click()
    await page.wait_for_function("() => document.activeElement.textContent.trim().endsWith('far above')")


async def test_two_tabs_show_the_same(page: Page, context: BrowserContext, fake_daily: FakeDaily) -> None:
    async with sandbox_page(context, fake_daily, add=False) as other:
        await fake_daily.owner_loop.run(add(fake_daily, 100, "for both"))
        shown = []
        for each in (page, other):
            await ladder(each).get_by_text("for both 99", exact=True).first.wait_for()
            shown.append(
                await each.evaluate(
                    "() => [...document.querySelectorAll('#rows .line')].map((line) => line.textContent)"
                )
            )
        assert shown[0] == shown[1]


async def test_a_page_goes_on_with_the_next_server_at_its_address(context: BrowserContext) -> None:
    page = await context.new_page()
    page.set_default_timeout(WITHIN_MS)
    port = next_free_port("127.0.0.1", 17_880, socket.SOCK_STREAM)
    async with FakeDaily(Settings(port=port)) as daily:
        await page.goto(f"{daily.url}/_sim/sandbox")
        await daily.owner_loop.run(add(daily, 20, "old"))
        await ladder(page).get_by_text("old 19", exact=True).first.wait_for()
        await page.locator("#rows .pick").last.check()
    await page.get_by_text("connection lost; trying again").wait_for()
    async with FakeDaily(Settings(port=port)) as daily:
        await daily.owner_loop.run(add(daily, 10, "new"))
        await ladder(page).get_by_text("new 9", exact=True).first.wait_for()
        await page.get_by_text("live", exact=True).wait_for()
        assert await page.evaluate(ROWS) == 10
        await page.get_by_text("0 rows selected").wait_for()
    await page.close()
