"""The browser phone of examples/, operated through its buttons, with unmodified daily-js."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from fake_daily_server.clients.playwright import serve_call_machine
from fake_daily_server.server import FakeDaily
from simulator.network import Network
from tests.interop.browser.tab import WITHIN_S

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.interop("chromium", "playwright", "daily-js")]


async def test_the_page_dials_hears_sends_digits_and_hangs_up(
    fake_daily: FakeDaily, phone_network: Network, context: BrowserContext, site_port: int, tmp_path: Path
) -> None:
    room = await fake_daily.create_room(enable_dialout=True)
    office = await phone_network.phone("+12065550142", calls="wait")
    await serve_call_machine(context)
    page = await context.new_page()
    messages: list[str] = []
    page.on("console", lambda line: messages.append(line.text) if line.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: messages.append(str(error)))
    where = urlencode({"room": room.url, "token": room.owner_token, "name": "Ann"})
    await page.goto(f"http://127.0.0.1:{site_port}/phone/index.html?{where}")
    status = page.locator("#status")
    await status.and_(page.get_by_text("Ready")).wait_for()

    await page.get_by_label("Number").fill(office.number or "")
    await page.get_by_role("button", name="Call").click()
    await status.and_(page.get_by_text("Ringing …")).wait_for()
    call = await office.wait_for_call(within=WITHIN_S)
    await call.answer()
    await status.and_(page.get_by_text("In a call")).wait_for()

    await call.hum(440)
    heard = "Math.abs(parseInt(document.querySelector('#tone').textContent) - 440) < 15"
    await page.wait_for_function(heard, timeout=20_000)
    await page.screenshot(path=Path(os.environ.get("DAILY_SIM_ARTIFACTS", tmp_path), "browser.png"))
    await call.hush()

    for key in "12#":
        await page.get_by_role("button", name=key, exact=True).click()
    await call.wait_for_digits("12#", method="telephone-event", within=WITHIN_S)
    await call.press("5")
    await status.and_(page.get_by_text("They pressed 5")).wait_for()

    assert await page.locator("#participants li").count() == 2
    await page.get_by_role("button", name="Hang up").click()
    await call.wait_for_end(within=WITHIN_S)
    await status.and_(page.get_by_text("The call is over")).wait_for()
    assert await page.locator("#participants").inner_text() == "Ann (you)\nmicrophone playable"
    assert not messages
