"""`serve_call_machine` with Playwright's blocking API."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from fake_daily_server.clients.playwright import CHROMIUM_ARGS, serve_call_machine
from fake_daily_server.handles.room_handle import RoomHandle
from tests.interop.browser import chromium

pytestmark = pytest.mark.interop("chromium", "playwright", "daily-js")


def test_daily_js_joins_under_the_blocking_api(daily_room: RoomHandle, site_port: int) -> None:
    from playwright.sync_api import sync_playwright

    def join() -> str:
        with sync_playwright() as playwright:
            args = [*chromium.OFFLINE, *CHROMIUM_ARGS]
            with playwright.chromium.launch(executable_path=chromium.executable(), args=args) as browser:
                page = browser.new_page()
                serve_call_machine(page)
                page.goto(f"http://127.0.0.1:{site_port}/pages/script.html")
                page.evaluate("url => joinCall({}, {url})", daily_room.url)
                state: str = page.evaluate("call.meetingState()")
                return state

    # On a separate thread: the blocking API leaves a loop behind on the thread that it runs on.
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(join).result() == "joined-meeting"
