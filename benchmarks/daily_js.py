"""The real daily-js (installed by `make peers`) with the call machine of this project, in Node and in Chromium."""

from __future__ import annotations

import asyncio
import os

from benchmarks.figures import Row, Run, timed
from benchmarks.json_lines import run_program
from fake_daily_server.clients.playwright import CHROMIUM_ARGS
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from tests.interop.browser import chromium
from tests.interop.browser.page_server import serve_pages
from tests.interop.browser.tab import Tab
from tests.interop.node import FOLDER


def measure_join(run: Run) -> list[Row]:
    """Time from `createCallObject` until `join` resolves, in jsdom; the call machine's bundle is fetched each time."""
    return asyncio.run(_measure_join(run.repetitions(40)))


async def _measure_join(times: int) -> list[Row]:
    async with FakeDaily(Settings(port=0, sip_port=0)) as daily:
        room = await daily.create_room()
        environment = {**os.environ, "DAILY_API_URL": daily.api_url, "DAILY_API_KEY": daily.api_key}
        command = ("node", "joins.mjs", room.url, room.owner_token, str(times + 1))
        first, *later = [result["ms"] async for result in run_program(*command, cwd=str(FOLDER), env=environment)]
    return [timed("daily-js: join in Node", later, limit_ms=150, notes=(f"first join of the process: {first:.0f} ms",))]


def measure_sound(run: Run) -> list[Row]:
    """Time from `createCallObject` in a loaded page until an AnalyserNode detects another participant's tone."""
    return asyncio.run(_measure_sound(run, run.repetitions(20)))


async def _measure_sound(run: Run, times: int) -> list[Row]:
    from playwright.async_api import async_playwright  # noqa: PLC0415  # only `make peers` installs it

    samples: list[float] = []
    async with FakeDaily(Settings(port=0, sip_port=0)) as daily, async_playwright() as driver:
        room = await daily.create_room()
        talker = await daily.join(room, user_name="Talker")
        await talker.hum(440)
        async with await chromium.launch(driver, *CHROMIUM_ARGS) as browser:
            with serve_pages() as port:
                for done in range(times + 1):
                    page = await browser.new_page()
                    await page.goto(f"http://127.0.0.1:{port}/pages/script.html")
                    tab = Tab(page)
                    began = await tab.do("performance.now()")
                    await tab.join(room, "{videoSource: false}", bundles=f"{daily.url}/static")
                    heard = await tab.until(
                        "id => Math.abs(loudest(id) - 440) < 15 && performance.now()", talker.session_id
                    )
                    if done:
                        samples.append(heard - began)
                    await page.close()
                    run.progress(done, times)
    return [timed("daily-js: join to first sound in Chromium", samples, limit_ms=500)]
