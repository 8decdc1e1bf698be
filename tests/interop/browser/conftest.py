"""One Chromium for all browser tests, on a session-wide loop; each test has a browser context of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from fake_daily_server.clients.playwright import CHROMIUM_ARGS
from fake_daily_server.server import FakeDaily
from tests.interop.browser import chromium
from tests.interop.browser.page_server import serve_pages
from tests.interop.browser.tab import Tab

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Playwright

NewTab = Callable[..., Awaitable[Tab]]


@pytest.fixture(scope="session")
def site_port() -> Iterator[int]:
    """The port of the page server."""
    with serve_pages() as port:
        yield port


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    """Playwright's driver process."""
    from playwright.async_api import async_playwright

    async with async_playwright() as driver:
        yield driver


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(playwright: Playwright) -> AsyncIterator[Browser]:
    """A browser with the switches for users of this project, which can reach this machine only."""
    async with await chromium.launch(playwright, *CHROMIUM_ARGS) as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A browser context, whose pages share cookies and permissions."""
    async with await browser.new_context() as context:
        yield context


@pytest_asyncio.fixture(loop_scope="session")
async def new_tab(context: BrowserContext, site_port: int) -> AsyncIterator[NewTab]:
    """Open a page of `pages/`. Errors on its console fail the test, unless the test removes them from `Tab.errors`."""
    tabs: list[Tab] = []

    async def open_tab(page: str = "script.html", *, host: str = "127.0.0.1") -> Tab:
        tab = Tab(await context.new_page())
        tabs.append(tab)
        await tab.page.goto(f"http://{host}:{site_port}/pages/{page}")
        return tab

    yield open_tab
    errors = [error for tab in tabs for error in tab.errors]
    assert not errors


@pytest.fixture
def bundles(fake_daily: FakeDaily) -> str:
    """The URL for `bundlePathOverride`."""
    return f"{fake_daily.url}/static"
