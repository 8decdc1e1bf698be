"""The sandbox in a browser: opening it, and finding and pressing what is on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fake_daily_server.server import FakeDaily

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Locator, Page

WITHIN_MS = 20_000


@asynccontextmanager
async def open_sandbox(context: BrowserContext, daily: FakeDaily) -> AsyncIterator[Page]:
    """Open the sandbox. Errors on its console fail the test, except for Chromium's line about a refused request."""
    page = await context.new_page()
    page.set_default_timeout(WITHIN_MS)
    errors: list[str] = []
    refused: list[int] = []
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


def ladder(page: Page) -> Locator:
    """The messages and events."""
    return page.get_by_role("region", name="messages and events")


async def press(where: Locator, button: str) -> None:
    """Press a button."""
    await where.get_by_role("button", name=button, exact=True).click()
