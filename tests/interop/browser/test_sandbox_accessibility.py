"""The page for those who do not see it, or do not use a mouse: axe-core finds nothing serious in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from fake_daily_server.server import FakeDaily
from tests.interop.browser.sandbox_page import ladder, phone, press, sandbox_page
from tests.peers import NODE_MODULES

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

pytestmark = [pytest.mark.interop("playwright", "chromium", "axe-core"), pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext, fake_daily: FakeDaily) -> AsyncIterator[Page]:
    async with sandbox_page(context, fake_daily) as page:
        yield page


async def violations(page: Page) -> list[str]:
    """Serious and critical violations that axe-core finds, with the elements."""
    await page.evaluate((NODE_MODULES / "axe-core" / "axe.min.js").read_text("utf-8"))
    result: dict[str, list[dict[str, Any]]] = await page.evaluate("() => axe.run()")
    assert len(result["passes"]) > 20, "axe-core has examined next to nothing"
    return [
        f"{each['id']} ({each['impact']}): {node['html'][:300]}: {node['failureSummary']}"
        for each in result["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"][:3]
    ]


@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_a_page_with_a_call_in_progress_has_no_serious_violation(page: Page, colours: Any) -> None:
    await page.emulate_media(color_scheme=colours)
    ann = phone(page, "Ann")
    await press(ann, "call")
    await ann.get_by_text("answered").wait_for()
    await press(phone(page, "Cleo"), "call")
    await ladder(page).get_by_text("dialin-connected").first.wait_for()
    await page.evaluate("() => document.querySelectorAll('main details').forEach((each) => (each.open = true))")
    await page.locator("#rows .row summary").first.click()
    assert await violations(page) == []
