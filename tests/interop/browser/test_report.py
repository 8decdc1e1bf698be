"""The report in a browser: from a file without a network, and where a policy forbids scripts."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fake_daily_server.report.files import write_report
from simulator.compared_field import ComparedField
from simulator.errors import ExpectationFailed
from tests.unit.report.test_report import DIAL_OUT, INVITE, RINGING, report_of, seen

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

pytestmark = [pytest.mark.interop("chromium"), pytest.mark.asyncio(loop_scope="session")]

POLICY = "sandbox; default-src 'none'; img-src 'self'; style-src 'self'"
"""The default of Jenkins for files of a build."""


@pytest.fixture
def written(tmp_path: Path) -> Path:
    messages = seen((INVITE, False), (INVITE, True), (RINGING, False))
    tone = ComparedField("tone", "8", "7", agrees=False)
    error = ExpectationFailed("dtmf-event", because="no answer", compared=[tone])
    report = replace(report_of(DIAL_OUT, messages, error), scenario="title: it rings\n")
    return write_report(report, tmp_path, "a test", whole=False)


@pytest.fixture
def jenkins(written: Path) -> Iterator[str]:
    """The URL of the report at a server that sends the policy."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: object) -> None:
            super().__init__(*args, directory=str(written.parent))  # type: ignore[arg-type]

        def end_headers(self) -> None:
            self.send_header("Content-Security-Policy", POLICY)
            super().end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name of the base class
            """Keep the output of the tests clean."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/{written.name}"
        server.shutdown()
        thread.join()


async def opened(context: BrowserContext, url: str) -> tuple[Page, list[str]]:
    page = await context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(url)
    return page, errors


async def test_a_file_opens_without_errors_filters_and_compares(context: BrowserContext, written: Path) -> None:
    page, errors = await opened(context, written.as_uri())
    await page.locator("#m1 > summary").click()
    await page.locator("#m1 button").click()
    await page.locator("#m3 > summary").click()
    await page.locator("#m3 button").click()
    differing = await page.locator("#compared mark").all_text_contents()
    assert any(line.startswith("INVITE ") for line in differing)
    assert "SIP/2.0 180 Ringing" in differing
    await page.get_by_label("sip").uncheck()
    assert not await page.locator("#m1").is_visible()
    assert errors == []


async def test_only_the_session_descriptions(context: BrowserContext, written: Path) -> None:
    page, errors = await opened(context, written.as_uri())
    await page.get_by_label("only SDP").check()
    assert not await page.locator("#m3").is_visible()
    assert await page.locator("#m1 .sdp pre").is_visible()
    assert not await page.locator("#m1 > pre").is_visible()
    await page.get_by_label("only SDP").uncheck()
    assert await page.locator("#m3").is_visible()
    assert await page.locator("#m1 > pre").is_visible()
    assert errors == []


async def test_the_calls_are_copied_as_a_scenario(context: BrowserContext, written: Path) -> None:
    page, errors = await opened(context, written.as_uri())
    await page.locator("details:has(.copied) > summary").click()
    await page.get_by_role("button", name="copy").click()
    await page.evaluate("document.body.append(Object.assign(document.createElement('textarea'), {id: 'pasted'}))")
    await page.locator("#pasted").focus()
    await page.keyboard.press("Control+V")
    assert await page.locator("#pasted").input_value() == "title: it rings"
    assert errors == []


async def test_a_link_to_a_message_opens_it(context: BrowserContext, written: Path) -> None:
    page, _ = await opened(context, f"{written.as_uri()}#m3")
    assert await page.locator("#m3 pre").is_visible()


async def test_a_policy_without_scripts_leaves_it_readable(context: BrowserContext, jenkins: str) -> None:
    page, errors = await opened(context, jenkins)
    assert await page.locator("h1").inner_text() == "t.py::test"
    assert "no answer" in await page.locator(".verdict").first.inner_text()
    assert (await page.locator(".differs").inner_text()).split() == ["tone", "8", "≠", "7"]
    await page.locator("#m1 > summary").click()
    assert await page.locator("#m1 > pre").is_visible()
    assert "m=audio" in await page.locator("#m1 .sdp pre").inner_text()
    await page.locator("details:has(.copied) > summary").click()
    assert await page.locator(".copied").inner_text() == "title: it rings\n"
    colour = await page.locator("#m1 polygon").evaluate("arrow => getComputedStyle(arrow).fill")
    assert colour == "rgb(31, 111, 235)"
    border = await page.locator(".verdict").first.evaluate("box => getComputedStyle(box).borderLeftStyle")
    assert border == "solid"  # the style sheet beside the page is allowed
    assert all("script" in error.lower() for error in errors)  # the browser says that it runs none
