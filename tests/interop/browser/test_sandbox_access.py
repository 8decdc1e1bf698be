"""The page where other machines reach the server, in a browser: opened by the token, and used with the cookie alone.

The server has the settings of such an address, and listens on a loopback port.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from fake_daily_server.app import create_app
from fake_daily_server.control.app import ControlApp
from fake_daily_server.sandbox.first_content import add_first_content
from fake_daily_server.sandbox.free_ports import next_free_port
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from fake_daily_server.site import Site
from fake_daily_server.web.http_server import HttpServer
from simulator.timeline import Timeline

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext

pytestmark = [pytest.mark.interop("playwright", "chromium"), pytest.mark.asyncio(loop_scope="session")]
WITHIN_MS = 20_000


@asynccontextmanager
async def reached(port: int = 0) -> AsyncIterator[str]:
    """Serve a new sandbox with the settings of another address; the address for the terminal."""
    daily = FakeDaily()
    with HttpServer("127.0.0.1", port) as server:
        url = f"http://127.0.0.1:{server.port}"
        settings = Settings(host="192.168.7.9", api_key=daily.api_key)
        site = Site(settings, Timeline(), base_url=url, sip_address="127.0.0.1:1")
        async with server.serving(create_app(site, control=ControlApp(daily))), daily:
            await add_first_content(daily)
            yield site.page_access.address(url)


@pytest_asyncio.fixture(loop_scope="session")
async def address() -> AsyncIterator[str]:
    """The address with the token, as the terminal says it."""
    async with reached() as address:
        yield address


async def test_the_token_opens_the_page_and_leaves_its_address(context: BrowserContext, address: str) -> None:
    page = await context.new_page()
    page.set_default_timeout(WITHIN_MS)
    url, _, token = address.partition("?token=")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(str(request.headers) + request.url))
    errors: list[str] = []
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    await page.goto(address)
    await page.locator("#connection").get_by_text("live", exact=True).wait_for()
    assert page.url == url
    cleo = page.get_by_role("article", name="phone Cleo")
    await cleo.get_by_label("calls").fill("+12065550101")
    await cleo.get_by_role("button", name="call", exact=True).click()
    await page.locator("#requests").get_by_text("/dial → 200").wait_for()
    assert await page.evaluate("document.cookie") == ""
    assert [token in each for each in asked].count(True) == 1  # the first request, and no Referer
    assert errors == []
    await page.get_by_role("link", name="Timeline").click()
    await page.get_by_text('"records"').wait_for()
    await page.close()


async def test_texts_are_copied_where_the_browser_has_no_clipboard_for_pages(
    context: BrowserContext, address: str
) -> None:
    page = await context.new_page()
    page.set_default_timeout(WITHIN_MS)
    # so it is at an address that is no loopback one, without TLS
    await page.add_init_script("Object.defineProperty(Navigator.prototype, 'clipboard', { value: undefined })")
    await page.goto(address)
    room = page.get_by_role("article", name="room demo")
    await room.get_by_role("button", name="copy room URL").click()
    await page.get_by_text("copied", exact=True).wait_for()
    await room.get_by_label("or SIP URI").press("Control+v")
    url = await room.get_by_role("listitem").first.locator("code").text_content()
    assert await room.get_by_label("or SIP URI").input_value() == url
    await page.close()


async def test_a_page_of_a_server_that_was_started_again_says_that_it_needs_the_new_token(
    context: BrowserContext,
) -> None:
    page = await context.new_page()
    page.set_default_timeout(WITHIN_MS)
    connection = page.locator("#connection")
    # Linux gives a port again at once only if the socket before has asked for that, which a server at port 0 does not.
    port = next_free_port("127.0.0.1", 27_880, socket.SOCK_STREAM)
    async with reached(port) as first:
        await page.goto(first)
        await connection.get_by_text("live", exact=True).wait_for()
    await connection.get_by_text("connection lost; trying again").wait_for()
    async with reached(port) as second:
        await connection.get_by_text("the server has a new token; open the address it says").wait_for()
        await page.goto(second)
        await connection.get_by_text("live", exact=True).wait_for()
        await page.close()


async def test_another_browser_needs_the_token(context: BrowserContext, address: str) -> None:
    page = await context.new_page()
    for url, said in (
        (f"{address}x", "printed it at its start"),
        (address.partition("?")[0], "a browser opens the address with a token that daily-sim serve --sandbox prints"),
    ):
        answer = await page.goto(url)
        assert answer is not None
        assert answer.status == 401
        assert said in await page.inner_text("body")
    await page.close()


async def test_no_page_has_it_in_a_frame(context: BrowserContext, fake_daily: FakeDaily) -> None:
    page = await context.new_page()
    await page.goto(fake_daily.url)
    blocked: list[str] = []
    page.on("console", lambda line: blocked.append(line.text) if "frame" in line.text.lower() else None)
    await page.evaluate(
        """address => new Promise((done) => {
          const frame = document.createElement('iframe');
          frame.addEventListener('load', done);
          frame.src = address;
          document.body.append(frame);
        })""",
        f"{fake_daily.url}/_sim/sandbox",
    )
    assert "frame-ancestors" in " ".join(blocked)
