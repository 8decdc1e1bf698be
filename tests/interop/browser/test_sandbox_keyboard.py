"""The page without a mouse: everything is reached and operated by Tab, Enter, Space and the arrow keys."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from fake_daily_server.server import FakeDaily
from tests.interop.browser.sandbox_page import ladder, phone, room, sandbox_page

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Locator, Page

pytestmark = [pytest.mark.interop("playwright", "chromium"), pytest.mark.asyncio(loop_scope="session")]
MOST_TABS = 200


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext, fake_daily: FakeDaily) -> AsyncIterator[Page]:
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    async with sandbox_page(context, fake_daily) as page:
        await page.locator("#rows .line").first.wait_for()
        yield page


async def is_focused(wanted: Locator) -> bool:
    focused: bool = await wanted.evaluate("element => element === document.activeElement")
    return focused


async def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab, or Shift and Tab where the element is before the focused one, until the element has the focus."""
    await wanted.wait_for()
    before = await wanted.evaluate(
        "e => !!(document.activeElement.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_PRECEDING)"
    )
    for _ in range(MOST_TABS):
        if await is_focused(wanted):
            return
        await page.keyboard.press("Shift+Tab" if before else "Tab")
    pytest.fail(f"Tab does not reach {wanted} within {MOST_TABS} times")


def button(where: Locator, name: str) -> Locator:
    return where.get_by_role("button", name=name, exact=True)


async def test_a_room_dials_a_phone_that_answers_and_sends_digits_by_keys_alone(page: Page) -> None:
    demo, ben = room(page), phone(page, "Ben")
    await tab_to(page, demo.get_by_label("number"))
    await page.keyboard.type("+12065550102")
    await page.keyboard.press("Enter")
    await tab_to(page, button(ben, "answer"))
    await page.keyboard.press("Enter")
    await ben.get_by_text("answered").wait_for()
    await tab_to(page, button(ben.get_by_role("group", name="keys"), "7"))
    await page.keyboard.press("Space")
    await ladder(page).get_by_text("dtmf-event 7 (telephone-event)").first.wait_for()
    assert await is_focused(button(ben.get_by_role("group", name="keys"), "7")), "the focus is lost with the new panel"
    await tab_to(page, button(ben, "hang up"))
    await page.keyboard.press("Enter")
    await ladder(page).get_by_text("dialout-stopped").first.wait_for()


async def test_rows_are_filtered_opened_selected_and_copied_by_keys_alone(page: Page, fake_daily: FakeDaily) -> None:
    demo = room(page)
    await tab_to(page, demo.get_by_label("number"))
    await page.keyboard.type("+12065550103")
    await page.keyboard.press("Enter")
    await ladder(page).get_by_text("dialout-error").first.wait_for()
    await tab_to(page, page.get_by_label("with text"))
    await page.keyboard.type("+12065550103")
    await ladder(page).get_by_text("joins the room").wait_for(state="detached")
    newest = page.locator("#rows .line").last
    await tab_to(page, newest.locator(".pick"))
    await page.keyboard.press("Home")
    first = page.locator("#rows .line").first
    assert await is_focused(first.locator(".pick"))
    await page.keyboard.press("Space")
    await page.keyboard.press("Shift+ArrowDown")
    await page.get_by_text("2 rows selected").wait_for()
    await page.keyboard.press("Tab")
    second = page.locator("#rows .line").nth(1)
    assert await is_focused(second.locator("summary").first)
    await page.keyboard.press("Enter")
    copy = button(second, "copy as scenario step")
    await tab_to(page, copy)
    await page.keyboard.press("Enter")
    await second.get_by_text("copied", exact=True).wait_for()
    focused = await page.evaluate("() => document.activeElement.dataset.copy")
    before = await page.locator("#rows .line").count()
    await fake_daily.join("demo", user_name="+12065550103 joins, too")
    await page.wait_for_function("before => document.querySelectorAll('#rows .line').length > before", arg=before)
    assert focused
    assert await page.evaluate("() => document.activeElement.dataset.copy") == focused, (
        "the focus is lost with new rows"
    )
    await tab_to(page, page.get_by_role("button", name="copy selection as scenario"))
    await page.keyboard.press("Enter")
    await page.get_by_text(re.compile(r"^copied \d+ lines")).wait_for()
    assert "startDialOut" in await page.evaluate("() => navigator.clipboard.readText()")


async def test_marks_are_set_and_reached_by_keys_alone(page: Page) -> None:
    name = page.get_by_role("textbox", name="mark")
    for mark in ("one", "two"):
        await tab_to(page, name)
        await page.keyboard.press("Control+A")
        await page.keyboard.type(mark)
        await page.keyboard.press("Enter")
        await ladder(page).get_by_text(mark, exact=True).first.wait_for()
    for way, mark in (("previous", "one"), ("next", "two"), ("previous", "one")):
        await tab_to(page, page.get_by_role("button", name=f"{way} mark"))
        await page.keyboard.press("Enter")
        await page.wait_for_function("mark => document.activeElement.textContent.trim().endsWith(mark)", arg=mark)
    await tab_to(page, page.get_by_role("button", name="previous mark"))
    await page.keyboard.press("Enter")
    await page.get_by_text("no earlier mark").wait_for()
