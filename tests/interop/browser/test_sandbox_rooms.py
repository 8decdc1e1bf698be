"""The rooms of the sandbox: who is in one, and who hears whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fake_daily_server.server import FakeDaily
from tests.interop.browser.sandbox_page import press, sandbox_page

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext

pytestmark = [pytest.mark.interop("playwright", "chromium"), pytest.mark.asyncio(loop_scope="session")]


async def test_a_room_shows_who_hears_whom_and_its_session_can_be_ended(
    context: BrowserContext, fake_daily: FakeDaily
) -> None:
    room = await fake_daily.create_room("demo", sip={"display_name": "caller"})
    host = await fake_daily.join(room, user_name="host")
    phone = await fake_daily.network.phone("+12065550101")
    await (await phone.dial(room.sip_uris[0])).wait_answered()
    async with sandbox_page(context, fake_daily, add=False) as page:
        article = page.get_by_role("article", name="room demo")
        people = article.get_by_role("list", name="participants").get_by_role("listitem")
        callers, hosts = people.filter(has_text="sip-dial-in"), people.filter(has_text="client")
        await hosts.get_by_text("sends no sound, hears caller").wait_for()
        await callers.get_by_text("sends sound, hears nobody").wait_for()
        await host.hum(440)
        await hosts.get_by_text("sends sound, hears caller").wait_for()
        await callers.get_by_text("sends sound, hears host").wait_for()
        (caller,) = [who for who in host.participants.values() if who["user_name"] == "caller"]
        await host.update_participant(caller["session_id"], audio=False)
        await callers.get_by_text("muted, hears host").wait_for()
        await hosts.get_by_text("sends sound, hears nobody").wait_for()
        await press(article, "owner's token")
        await page.get_by_role("button", name="copy the token").wait_for()
        await article.get_by_label("number").fill("12")
        await press(article, "dial out")
        refusal = page.get_by_role("status").filter(has_text="POST /v1/rooms/demo/dialOut/start → 400: ")
        await refusal.wait_for()
        await press(article, "end session")
        await article.get_by_text("nobody is in it").wait_for()
        assert await people.count() == 0
