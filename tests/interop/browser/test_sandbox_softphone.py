"""A softphone of others beside the sandbox: its call appears on the page, and a click on the page calls it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from fake_daily_server.server import FakeDaily
from tests.interop import baresip
from tests.interop.baresip import TONE_HZ
from tests.interop.browser.sandbox_page import ladder, phone, press, sandbox_page
from tests.interop.program import Programs

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

pytestmark = [pytest.mark.interop("playwright", "chromium", "baresip"), pytest.mark.asyncio(loop_scope="session")]

WITHIN_S = 20


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext, fake_daily: FakeDaily) -> AsyncIterator[Page]:
    async with sandbox_page(context, fake_daily) as page:
        yield page


async def test_a_softphone_calls_the_room_of_the_page_and_is_heard_there(
    page: Page, fake_daily: FakeDaily, programs: Programs
) -> None:
    room, (host,) = page.get_by_role("article", name="room demo"), fake_daily.clients
    async with baresip.running(programs) as softphone:
        await softphone.dial(fake_daily.rooms.get("demo").dialin.sip_uris[0])
        await room.get_by_text("sip-dial-in").wait_for()
        await softphone.wait_for_event("CALL_ESTABLISHED", within=WITHIN_S)
        await host.expect_tone(TONE_HZ, within=WITHIN_S)
        await softphone.send_digits("3")
        await ladder(page).get_by_text("dtmf-event 3 (telephone-event)").first.wait_for()
        await room.get_by_label("digits").fill("7")
        await press(room, "send")
        await softphone.wait_for_digits("7", within=WITHIN_S)
        await softphone.hang_up()
        await ladder(page).get_by_text("dialin-stopped").first.wait_for()


async def test_a_softphone_is_called_by_its_uri_and_through_a_number_in_front_of_it(
    page: Page, programs: Programs
) -> None:
    ann = phone(page, "Ann")
    async with baresip.running(programs) as softphone:
        uri = f"sip:bare@127.0.0.1:{softphone.port}"
        await ann.get_by_label("calls").fill(uri)
        await press(ann, "call")
        await ann.get_by_text("answered").wait_for()
        await press(ann, "hang up")
        await softphone.wait_for_event("CALL_CLOSED", within=WITHIN_S)

        await page.get_by_text("New phone").click()
        form = page.locator("#new-phone-form")
        await form.get_by_label("name", exact=True).fill("Soft")
        await form.get_by_label("softphone's URI").fill(uri)
        await press(form, "add")
        await phone(page, "Soft").get_by_text(f"Its calls are taken by {uri}").wait_for()
        room = page.get_by_role("article", name="room demo")
        await room.get_by_label("number").fill("+12065550199")
        await press(room, "dial out")
        await room.get_by_text("pstn-dial-out").wait_for()
        await ladder(page).get_by_text("dialout-answered").first.wait_for()
