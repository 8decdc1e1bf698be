"""The page of a running server in a browser, with the rooms and phones of a new sandbox, and what tests find on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fake_daily_server.sandbox.first_content import add_first_content
from fake_daily_server.server import FakeDaily

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Locator, Page

WITHIN_MS = 20_000
"""Time limit of every wait in ms; a browser on a busy machine is slow."""


@asynccontextmanager
async def sandbox_page(context: BrowserContext, daily: FakeDaily, *, add: bool = True) -> AsyncIterator[Page]:
    """Open the page, after rooms and phones were added unless `add` is false. Errors on its console fail the test."""
    if add:
        await add_first_content(daily)
    page = await context.new_page()
    page.set_default_timeout(WITHIN_MS)
    errors: list[str] = []
    refused: list[int] = []  # Chromium writes a line for each refused request
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    page.on("response", lambda answer: refused.append(answer.status) if answer.status >= 400 else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(f"{daily.url}/_sim/sandbox")
    yield page
    assert len(errors) == len(refused), errors
    await page.close()


def phone(page: Page, name: str) -> Locator:
    """The card of a phone."""
    return page.get_by_role("article", name=f"phone {name}")


def room(page: Page, name: str = "demo") -> Locator:
    """The card of a room."""
    return page.get_by_role("article", name=f"room {name}")


def ladder(page: Page) -> Locator:
    """The list of messages and events."""
    return page.get_by_role("region", name="messages and events")


async def press(where: Locator, button: str) -> None:
    """Click a button by its whole name."""
    await where.get_by_role("button", name=button, exact=True).click()
