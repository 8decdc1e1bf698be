"""The sandbox's page with 10,000 records: how it loads, how late a record is shown, and whether scrolling is smooth."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from benchmarks.figures import Row, Run, percentile, timed
from fake_daily_server.sandbox.first_load import load_page
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from tests.interop.browser import chromium

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

_RECORDS = 10_000
_LOAD_MS, _SHOWN_MS, _LONG_TASK_MS = 500, 100, 50
_SCREENS = 60
"""How often the list is scrolled by most of its height, down and up."""

_WATCH = """
() => {
  window.shownAt = new Map();
  new MutationObserver((changes) => {
    const texts = changes.flatMap((change) => [...change.addedNodes]).map((node) => node.textContent);
    const note = () => texts.forEach((text) => shownAt.set(text.match(/record \\d+/)?.[0], Date.now()));
    if (texts.length) requestAnimationFrame(note);
  }).observe(document.getElementById("rows"), { childList: true });
}"""
_LOADED = """
(last) => new Promise((done) => {
  const look = () => {
    if (document.getElementById("rows")?.textContent.includes(last)) done(performance.now());
    else requestAnimationFrame(look);
  };
  look();
})"""
_SCROLL = """
(screens) => new Promise((done) => {
  const tasks = [];
  const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries().map((entry) => entry.duration)));
  observer.observe({ type: "longtask" });
  const rows = document.getElementById("rows");
  let step = 0;
  const scroll = () => {
    if (step === screens) return setTimeout(() => { observer.disconnect(); done(tasks); }, 100);
    rows.scrollTop += (step < screens / 2 ? -0.8 : 0.8) * rows.clientHeight;
    step += 1;
    requestAnimationFrame(() => requestAnimationFrame(scroll));
  };
  scroll();
})"""


def measure_page(run: Run) -> list[Row]:
    """A page of a server with 10,000 records, half of them app messages.

    Its load is from the navigation until the newest row is there. A record is shown in the first frame after its row
    was inserted, counted from before it was appended. A long task is one of the browser's main thread (Long Tasks API)
    while the list of 500 rows is scrolled up and down.
    """
    return asyncio.run(_measure_page(run))


async def _measure_page(run: Run) -> list[Row]:
    from playwright.async_api import async_playwright  # noqa: PLC0415  # only `make peers` installs it

    async with FakeDaily(Settings(port=0, sip_port=0)) as daily:
        await load_page(daily)  # as `--sandbox` does
        for number in range(_RECORDS):
            _append(daily, number)
        async with async_playwright() as driver, await chromium.launch(driver) as browser:
            loads = [await _load(browser, daily) for _ in range(run.repetitions(10))]
            page = await browser.new_page()
            await _open(page, daily)
            shown = await _shown(run, page, daily)
            tasks: list[float] = await page.evaluate(_SCROLL, _SCREENS)
    longest = max(tasks, default=0.0)
    return [
        timed(f"the sandbox's page with {_RECORDS} records loaded", loads, limit_ms=_LOAD_MS),
        timed("a record on its screen", shown, limit_ms=_SHOWN_MS),
        Row(
            "long tasks while it is scrolled",
            f"{len(tasks)}, the longest {longest:.0f} ms" if tasks else "0",
            target=f"none over {_LONG_TASK_MS} ms",
            passed=longest <= _LONG_TASK_MS,
            samples=_SCREENS,
            notes=(f"median of loads {percentile(loads, 0.5):.0f} ms",),
        ),
    ]


def _append(daily: FakeDaily, number: int) -> None:
    if number % 2:
        daily.timeline.append("note", text=f"record {number}")
    else:
        event = {"action": "app-message", "data": {"text": f"message {number}"}, "fromId": "a" * 36}
        daily.timeline.append("event", room="demo", event=event, to="b" * 36)


async def _open(page: Page, daily: FakeDaily) -> float:
    """Open the page; returns after how many ms its newest row was there."""
    await page.goto(f"{daily.url}/_sim/sandbox", wait_until="commit")
    loaded: float = await page.evaluate(_LOADED, f"record {_RECORDS - 1}")
    return loaded


async def _load(browser: Browser, daily: FakeDaily) -> float:
    page = await browser.new_page()
    loaded = await _open(page, daily)
    await page.close()
    return loaded


async def _shown(run: Run, page: Page, daily: FakeDaily) -> list[float]:
    """How many ms after it was appended each of some records was on the screen."""
    await page.evaluate(_WATCH)
    samples: list[float] = []
    for done in range(repetitions := run.repetitions(100)):
        number = 2 * (_RECORDS + done) + 1
        began = time.time() * 1000
        _append(daily, number)
        shown = await page.wait_for_function("text => shownAt.get(text)", arg=f"record {number}", polling=5)
        samples.append(await shown.json_value() - began)
        run.progress(done + 1, repetitions)
    return samples
