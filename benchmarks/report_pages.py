"""Reports: what recording costs a test, how large pages are, and how long they take to open."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Row, Run, format_number, percentile, timed
from benchmarks.pace import Pace
from fake_daily_server.handles.client import Client
from fake_daily_server.report.files import write_report
from fake_daily_server.report.report import Report, Verdict, build_report
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from simulator.phone import Phone
from tests.interop.browser import chromium

_LONG_CALL_S = 300.0
_LONG_CALL_RECORDS = 2000
_FAILED = Verdict(passed=False, headline="expected: dialout-stopped")


def measure_recording(run: Run) -> list[Row]:
    """What only reports need: workers tell the parent of SIP messages that do not pass the front door.

    Dialled calls with and without it alternate; the difference of their medians is compared with the median of a test
    that makes a room, a phone, a client and one such call, and of its reset. The timeline is recorded in both, since
    waits and explanations need it.
    """
    return asyncio.run(_measure_recording(run))


async def _measure_recording(run: Run) -> list[Row]:
    samples: dict[str, list[float]] = {"direct": [], "none": []}
    repetitions = run.repetitions(150)
    pace = Pace()
    async with FakeDaily(Settings(port=0, sip_port=0)) as daily:
        room = await daily.create_room(enable_dialout=True)
        phone = await daily.network.phone("+12065550142")
        client = await daily.join(room)
        await _call(client, phone)
        for done in range(repetitions):
            for traced, times in samples.items():
                for agent in tuple(daily.network.agents):
                    await daily.owner_loop.run(agent.trace(traced))  # type: ignore[arg-type]
                await pace()
                began = time.perf_counter()
                await _call(client, phone)
                times.append((time.perf_counter() - began) * 1000)
            run.progress(done + 1, repetitions)
        await daily.reset()
        tests = [await _test(daily) for _ in range(repetitions)]
    with_it, without = (percentile(samples[traced], 0.5) for traced in ("direct", "none"))
    test = percentile(tests, 0.5)
    more = 100 * (with_it - without) / test
    return [
        Row(
            "recording of SIP messages for reports",
            f"{more:+.1f}% of a test of {format_number(test)} ms   "
            f"(a call {format_number(with_it)} beside {format_number(without)} ms)",
            target="≤ 5%",
            passed=more <= 5,
            samples=repetitions,
        )
    ]


async def _test(daily: FakeDaily) -> float:
    """A test with one call, and its reset; in ms."""
    began = time.perf_counter()
    room = await daily.create_room(enable_dialout=True)
    phone = await daily.network.phone("+12065550142")
    await _call(await daily.join(room), phone)
    await daily.reset()
    return (time.perf_counter() - began) * 1000


async def _call(client: Client, phone: Phone) -> None:
    session = await client.start_dialout(phoneNumber=phone.number)
    await client.wait_for("dialout-answered", where={"sessionId": session})
    await client.stop_dialout(session)
    await client.wait_for("dialout-stopped", where={"sessionId": session})


def measure_pages(run: Run) -> list[Row]:
    """Size of the report of one failed call, and of a call of five minutes with 2,000 records; and how that one opens.

    The long call is the short one, with its records repeated evenly over five minutes. `load` is the time from the
    navigation to the end of the event `load` in Chromium, from file://, as the browser itself measures it.
    """
    return asyncio.run(_measure_pages(run))


async def _measure_pages(run: Run) -> list[Row]:
    from playwright.async_api import async_playwright  # noqa: PLC0415  # only `make peers` installs it

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        short, long = await _reports()
        failed_call = write_report(short, folder, "short", whole=True).stat().st_size
        page = write_report(long, folder, "long", whole=True)
        samples: list[float] = []
        async with async_playwright() as driver, await chromium.launch(driver) as browser:
            for done in range(repetitions := run.repetitions(20)):
                tab = await browser.new_page()
                await tab.goto(page.as_uri())
                samples.append(await tab.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"))
                await tab.close()
                run.progress(done + 1, repetitions)
        rows = len(long.ladder.steps)
        return [
            _size("report of a failed call", failed_call, 300_000),
            _size(f"report of five minutes, {_LONG_CALL_RECORDS} records", page.stat().st_size, 5_000_000),
            timed(f"that report loaded in Chromium, {rows} rows", samples, limit_ms=1000),
        ]


async def _reports() -> tuple[Report, Report]:
    async with FakeDaily(Settings(port=0, sip_port=0)) as daily:
        room = await daily.create_room(enable_dialout=True)
        phone = await daily.network.phone("+12065550142")
        await _call(await daily.join(room), phone)
        records, messages = [*daily.timeline.records()], [*daily.network.front_door.recent]
        short = build_report("a call", records, messages, daily.timeline.seconds_at, verdict=_FAILED)
        repeated = [records[number % len(records)] for number in range(_LONG_CALL_RECORDS)]
        spread = [
            type(each)(number, number * _LONG_CALL_S / _LONG_CALL_RECORDS, each.kind, each.fields)
            for number, each in enumerate(repeated, 1)
        ]
        return short, build_report("a long call", spread, messages, lambda at: at % _LONG_CALL_S, verdict=_FAILED)


def _size(name: str, size: int, limit: int) -> Row:
    return Row(
        name,
        f"{size / 1000:.0f} kB",
        target=f"≤ {limit / 1000:.0f} kB",
        passed=size <= limit,
        samples=1,
    )
