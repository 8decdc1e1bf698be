"""What a person has clicked is copied from the ladder, row by row or as a whole test, and passes when it is run."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
import yaml

from fake_daily_server.server import FakeDaily
from tests.integration.recordings.repeated import FORMS, run
from tests.interop.browser.sandbox_page import ladder, phone, press, room, sandbox_page

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Locator, Page

pytestmark = [pytest.mark.interop("playwright", "chromium"), pytest.mark.asyncio(loop_scope="session")]
ANSWERING = "+15005550100"
"""A test number at which somebody answers."""


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext, fake_daily: FakeDaily) -> AsyncIterator[Page]:
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    async with sandbox_page(context, fake_daily) as page:
        yield page


async def make_calls(page: Page) -> None:
    """Call in from the page's phone with digits, dial out to a test number, and end both."""
    ann = phone(page, "Ann")
    await press(ann, "call")
    await ann.get_by_text("answered").wait_for()
    for digit in "5#":
        await press(ann.get_by_role("group", name="keys"), digit)
        await ladder(page).get_by_text(f"dtmf-event {digit} (telephone-event)").first.wait_for()
    await press(ann, "hang up")
    await ladder(page).get_by_text("dialin-stopped").first.wait_for()
    demo = room(page)
    await demo.get_by_label("number").fill(ANSWERING)
    await press(demo, "dial out")
    await ladder(page).get_by_text("dialout-answered").first.wait_for()
    await press(demo.get_by_role("listitem").filter(has_text="pstn-dial-out"), "eject")
    await ladder(page).get_by_text("dialout-stopped").first.wait_for()


def line(page: Page, label: str) -> Locator:
    """The first row with this label."""
    return page.locator("#rows .line").filter(has=page.locator("svg text", has_text=re.compile(f"^{label}"))).first


async def copied(page: Page) -> str:
    text: str = await page.evaluate("() => navigator.clipboard.readText()")
    return text


async def copy_of(page: Page, label: str, button: str) -> str:
    """What a button of an opened row copies."""
    row = line(page, label)
    if not await row.locator("details.row").evaluate("row => row.open"):
        await row.locator("summary").first.click()
    await press(row, button)
    await row.get_by_text("copied", exact=True).wait_for()
    await row.get_by_role("button", name=button, exact=True).wait_for()
    return await copied(page)


@pytest.mark.parametrize("form", FORMS)
async def test_all_selected_rows_are_a_test_that_passes(page: Page, tmp_path: Path, form: str) -> None:
    await make_calls(page)
    await page.locator("#rows .pick").first.check()
    await page.locator("#rows .pick").last.click(modifiers=["Shift"])
    count = await page.locator("#rows .line").count()
    await page.get_by_text(f"{count} rows selected").wait_for()
    await press(page.get_by_role("group", name="selection"), f"copy selection as {form}")
    await page.get_by_text(re.compile(r"^copied \d+ lines")).wait_for()
    text = await copied(page)
    assert ("far_end_1" in text, "far_end_2" in text, "parts of calls" in text) == (True, True, False)
    await run(text, form, tmp_path)


@pytest.mark.parametrize("form", FORMS)
async def test_half_a_call_is_widened_which_the_page_says(page: Page, tmp_path: Path, form: str) -> None:
    await make_calls(page)
    await line(page, "dialin-connected").locator(".pick").check()
    await press(page.get_by_role("group", name="selection"), f"copy selection as {form}")
    await page.get_by_text("it was widened to whole calls").wait_for()
    text = await copied(page)
    assert ("far_end_1" in text, "far_end_2" in text) == (True, False)
    await run(text, form, tmp_path)


async def test_a_selection_without_calls_says_why_there_is_no_test(page: Page) -> None:
    await line(page, "joins the room").locator(".pick").check()
    await press(page.get_by_role("group", name="selection"), "copy selection as scenario")
    await page.get_by_text("there is no dial-out and no dial-in").wait_for()
    await press(page.get_by_role("group", name="selection"), "select none")
    await page.get_by_text("0 rows selected").wait_for()
    assert await page.locator("#rows .pick:checked").count() == 0


async def test_each_row_has_what_does_or_expects_it(page: Page) -> None:
    await make_calls(page)
    dialled = await copy_of(page, "startDialOut over REST", "copy as curl")
    assert re.search(r"curl -X POST http://\S+/v1/rooms/demo/dialOut/start", dialled)
    assert ANSWERING in dialled
    pressed = await copy_of(page, r"presses 5 \(telephone-event\)", "copy as curl")
    assert re.search(
        r"""/_sim/phones/\S+/press .*-d '{"tones": "5", "method": "telephone-event"}'""", pressed, re.DOTALL
    )
    heard = await copy_of(page, r"dtmf-event 5", "copy as scenario step")
    assert yaml.safe_load(heard) == [{"expect": {"dtmf": "5", "method": "telephone-event"}}]
    called = await copy_of(page, "INVITE · PCMU PCMA", "copy as scenario step")
    assert yaml.safe_load(called) == [{"phone": "ann", "dial": "$room.sip_uri"}]
    connected = await copy_of(page, "dialin-connected", "copy as pytest")
    assert connected == 'client.wait_for("dialin-connected")\n'
    ended = await copy_of(page, "BYE", "copy as pytest")
    assert ended == "call_of_ann = ann.wait_for_call()\ncall_of_ann.hang_up()\n"
