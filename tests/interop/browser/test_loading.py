"""daily-js loads the call machine by `bundlePathOverride`, or from the address of Daily's CDN."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fake_daily_server.clients.playwright import serve_call_machine
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from tests.interop.browser.conftest import NewTab

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.interop("chromium", "playwright", "daily-js")]


@pytest.mark.parametrize("page", ["script.html", "module.html"])
async def test_the_call_machine_is_loaded_by_bundle_path_override(
    new_tab: NewTab, daily_room: RoomHandle, bundles: str, page: str
) -> None:
    tab = await new_tab(page)
    await tab.join(daily_room, bundles=bundles)
    assert await tab.do("call.meetingState()") == "joined-meeting"


@pytest.mark.parametrize("page", ["script.html", "module.html"])
async def test_the_call_machine_is_loaded_from_the_address_of_the_cdn(
    new_tab: NewTab, context: BrowserContext, daily_room: RoomHandle, page: str
) -> None:
    await serve_call_machine(context)
    tab = await new_tab(page)
    await tab.join(daily_room)
    assert await tab.do("call.meetingState()") == "joined-meeting"


async def test_with_avoid_eval_the_call_machine_is_loaded_by_a_script_element(
    new_tab: NewTab, context: BrowserContext, daily_room: RoomHandle
) -> None:
    await serve_call_machine(context)
    tab = await new_tab()
    await tab.join(daily_room, "{dailyConfig: {avoidEval: true}}")
    assert await tab.do("document.head.querySelectorAll('script[src*=\"c.daily.co\"]').length") == 1


async def test_a_page_of_another_origin_can_use_the_server(
    new_tab: NewTab, fake_daily: FakeDaily, daily_room: RoomHandle, bundles: str
) -> None:
    tab = await new_tab(host="localhost")
    other = await fake_daily.join(daily_room)
    await other.hum(500)
    await tab.join(daily_room, bundles=bundles)
    await tab.hears(500, of=other.session_id or "")


async def test_error_reports_are_answered_locally(
    new_tab: NewTab, context: BrowserContext, fake_daily: FakeDaily
) -> None:
    await serve_call_machine(context)
    room = await fake_daily.create_room()
    tab = await new_tab()
    reports: list[str] = []
    context.on("response", lambda answer: reports.append(f"{answer.status}") if "sentry.io" in answer.url else None)
    await tab.do(f"createCall({{}}); call.join({{url: '{room.url}-gone'}}).catch(() => {{}})")
    failed = await tab.wait_for("error")
    assert failed["error"]["type"] == "no-room"
    await tab.until("callEvents.some(one => one.action === 'left-meeting')")
