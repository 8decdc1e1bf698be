"""Events by hand on the page: the fields of the chosen event are shown, edited and sent."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from fake_daily_server.server import FakeDaily
from tests.interop.browser.sandbox_page import ladder, press, sandbox_page

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

pytestmark = [pytest.mark.interop("playwright", "chromium"), pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext, fake_daily: FakeDaily) -> AsyncIterator[Page]:
    async with sandbox_page(context, fake_daily) as page:
        yield page


async def test_the_sample_of_an_event_is_edited_and_sent_to_the_clients(page: Page, fake_daily: FakeDaily) -> None:
    form = page.locator("#trigger")
    fields = form.get_by_label("fields")
    await form.get_by_label("event").select_option("dtmf-event")
    await page.wait_for_function("() => document.getElementById('trigger-fields').value.includes('tone')")
    await fields.fill("{")
    await press(form, "trigger")
    assert "not JSON" in await fields.evaluate("field => field.validationMessage")
    await fields.fill(json.dumps({"tone": "9"}))
    await press(form, "trigger")
    await ladder(page).get_by_text("dtmf-event 9 (telephone-event) (triggered)").first.wait_for()


async def test_an_unknown_field_is_named(page: Page) -> None:
    form = page.locator("#trigger")
    await form.get_by_label("event").select_option("dialout.answered")
    await page.wait_for_function("() => document.getElementById('trigger-fields').value.includes('destination')")
    await form.get_by_label("fields").fill('{"destinatio": "x"}')
    await press(form, "trigger")
    await page.locator("#requests details.refused").get_by_text("did you mean 'destination'").wait_for()
