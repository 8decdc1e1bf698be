"""The pages for people, in a browser that can reach this machine only."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from fake_daily_server.server import FakeDaily

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext

pytestmark = [pytest.mark.interop("playwright", "chromium"), pytest.mark.asyncio(loop_scope="session")]

ARTIFACTS = os.environ.get("DAILY_SIM_ARTIFACTS")
"""Folder to keep screenshots in."""


async def test_the_links_of_the_start_page_lead_to_both_apis_and_the_timeline(
    context: BrowserContext, fake_daily: FakeDaily
) -> None:
    page = await context.new_page()
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))

    await page.goto(fake_daily.url)
    assert await page.title() == "Fake Daily · sandbox"
    if ARTIFACTS:
        await page.screenshot(path=Path(ARTIFACTS, "start_page.png"), full_page=True)

    for link, operation in (
        ("Daily's REST API", "List the participants of a room"),
        ("Control API", "Add a phone to the network"),
    ):
        await page.goto(fake_daily.url)
        await page.get_by_role("link", name=link).click()
        await page.get_by_text(operation, exact=True).first.wait_for()
        if ARTIFACTS:
            await page.screenshot(path=Path(ARTIFACTS, f"{link.split()[0]}.png"))

    await page.goto(fake_daily.url)
    await page.get_by_role("link", name="Timeline").click()
    await page.wait_for_url("**/_sim/timeline")
    assert "records" in await page.inner_text("body")
    assert {urlsplit(url).hostname for url in requested if not url.startswith("data:")} == {"127.0.0.1"}
