"""One Chromium for all browser tests, on a loop that lives as long; pages in contexts of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from fake_daily_server.clients.playwright import CHROMIUM_ARGS
from fake_daily_server.server import FakeDaily
from tests.interop.browser import chromium
from tests.interop.browser.site import serving
from tests.interop.browser.tab import Tab

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Playwright

NewTab = Callable[..., Awaitable[Tab]]


@pytest.fixture(scope="session")
def site_port() -> Iterator[int]:
    """The port where the pages are served."""
    with serving() as port:
        yield port


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    """Playwright's driver."""
    from playwright.async_api import async_playwright

    async with async_playwright() as driver:
        yield driver


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(playwright: Playwright) -> AsyncIterator[Browser]:
    """A browser as a user of this project starts it, which can reach nothing but this machine."""
    async with await chromium.launch(playwright, *CHROMIUM_ARGS) as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """Pages that share cookies and permissions."""
    async with await browser.new_context() as context:
        yield context


@pytest_asyncio.fixture(loop_scope="session")
async def new_tab(context: BrowserContext, site_port: int) -> AsyncIterator[NewTab]:
    """Opens a page of `pages/`; whatever its console complained of fails the test, unless the test takes it away."""
    tabs: list[Tab] = []

    async def open_tab(page: str = "script.html", *, host: str = "127.0.0.1") -> Tab:
        tab = Tab(await context.new_page())
        tabs.append(tab)
        await tab.page.goto(f"http://{host}:{site_port}/pages/{page}")
        return tab

    yield open_tab
    complaints = [error for tab in tabs for error in tab.errors]
    assert not complaints


@pytest.fixture
def bundles(fake_daily: FakeDaily) -> str:
    """For `bundlePathOverride`."""
    return f"{fake_daily.url}/static"
