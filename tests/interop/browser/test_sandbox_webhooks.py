"""The webhooks on the page: the signature of each request as a receiver checks it, and retries."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import httpx
import pytest
import pytest_asyncio

from fake_daily_server.handles.webhook_receiver import WebhookReceiver
from fake_daily_server.server import FakeDaily
from tests.interop.browser.sandbox_page import sandbox_page

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

pytestmark = [pytest.mark.interop("playwright", "chromium"), pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext, fake_daily: FakeDaily) -> AsyncIterator[Page]:
    async with sandbox_page(context, fake_daily) as page:
        yield page


async def trigger(daily: FakeDaily) -> None:
    async with httpx.AsyncClient(base_url=daily.url, trust_env=False) as client:
        assert (await client.post("/_sim/trigger", json={"event": "meeting.ended"})).status_code == 200


async def test_the_signature_is_shown_with_what_it_signs(page: Page, fake_daily: FakeDaily) -> None:
    receiver = await fake_daily.receive_webhooks(("meeting.ended",))
    await trigger(fake_daily)
    entry = page.locator("#webhooks li").filter(has_text="meeting.ended → 200")
    await entry.get_by_text("signature valid; delivered").click()
    headers, signed = await entry.locator("pre").all_text_contents()
    post = receiver.posts[-1]
    assert signed == f"{post.headers['x-webhook-timestamp']}.{post.raw.decode()}"
    digest = hmac.new(base64.b64decode(receiver.hmac), signed.encode(), hashlib.sha256).digest()
    assert headers.endswith(f"X-Webhook-Signature: {base64.b64encode(digest).decode()}")


async def test_a_bad_signature_is_said_to_be_one(page: Page, fake_daily: FakeDaily) -> None:
    await fake_daily.receive_webhooks(("meeting.ended",))
    async with httpx.AsyncClient(base_url=fake_daily.url, trust_env=False) as client:
        fault = {"fault": "webhook-bad-signature", "type": "meeting.ended"}
        assert (await client.post("/_sim/webhooks/faults", json=fault)).status_code == 200
    await trigger(fake_daily)
    await page.get_by_text("signature not valid; delivered").wait_for()


async def test_a_retry_is_shown_with_its_time(page: Page, fake_daily: FakeDaily) -> None:
    async with WebhookReceiver() as receiver:
        receiver.answer([200, 500, 200])
        headers = {"Authorization": f"Bearer {fake_daily.api_key}"}
        async with httpx.AsyncClient(base_url=fake_daily.url, headers=headers, trust_env=False) as client:
            body = {"url": receiver.url, "retryType": "exponential", "eventTypes": ["meeting.ended"]}
            assert (await client.post("/v1/webhooks", json=body)).status_code == 200
        await trigger(fake_daily)
        await page.get_by_text("signature valid; attempt 2 is due at").wait_for()
        await fake_daily.advance_clock(61)
        await page.locator("#webhooks li").filter(has_text="(attempt 2) → 200").wait_for()
