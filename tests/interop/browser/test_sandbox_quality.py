"""The page tells how good the RTP of ended calls was, and exports what has happened."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from fake_daily_server.server import FakeDaily
from tests.interop.browser.sandbox_page import ladder, phone, press, sandbox_page

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Locator, Page

pytestmark = [pytest.mark.interop("playwright", "chromium"), pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def page(
    context: BrowserContext, fake_daily: FakeDaily, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Page]:
    monkeypatch.chdir(tmp_path)  # captures are written below it
    async with sandbox_page(context, fake_daily) as page:
        yield page


async def call_and_hang_up(page: Page) -> None:
    ann = phone(page, "Ann")
    await press(ann, "call")
    await ann.get_by_text("answered").wait_for()
    await press(ann, "tone")
    await ladder(page).get_by_text("hums 440 Hz").first.wait_for()
    await press(ann, "hang up")
    await ladder(page).get_by_text("dialin-stopped").first.wait_for()


async def downloaded(page: Page, link: Locator) -> Path:
    async with page.expect_download() as download:
        await link.click()
    return Path(await (await download.value).path())


async def test_the_quality_of_both_directions_is_shown_when_a_call_has_ended(page: Page) -> None:
    quality = page.get_by_role("region", name="RTP of ended calls")
    await quality.get_by_text("No call with media has ended yet.").wait_for()
    await call_and_hang_up(page)
    for ends in ("Ann → Daily", "Daily → Ann"):
        row = quality.get_by_role("row", name=ends)
        await row.wait_for()
        cells = await row.get_by_role("cell").all_text_contents()
        assert cells[0] == "PCMU"
        assert int(cells[1]) > 0
        assert cells[2].endswith(" %")
        assert cells[3].endswith(" ms")
        assert 1 <= float(cells[4]) <= 4.5


async def test_the_timeline_and_a_capture_are_downloaded(page: Page) -> None:
    export, requests = page.get_by_role("group", name="export"), page.locator("#requests")
    await press(export, "start")
    await requests.get_by_text("POST /_sim/capture → 200").wait_for()
    await call_and_hang_up(page)
    await press(export, "stop")
    await requests.get_by_text("DELETE /_sim/capture → 200").wait_for()
    capture = await downloaded(page, export.get_by_role("link", name="last capture (pcapng)"))
    assert capture.read_bytes()[:4] == b"\x0a\x0d\x0d\x0a"
    lines = await downloaded(page, export.get_by_role("link", name="records as JSON lines"))
    kinds = {json.loads(line)["kind"] for line in lines.read_text("utf-8").splitlines()}
    assert {"phone", "sip", "event"} <= kinds
