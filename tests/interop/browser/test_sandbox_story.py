"""What a sandbox is for, from an empty folder to a test that passes: the whole of it in one page."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
import pytest_asyncio

from fake_daily_server.clients.playwright import CHROMIUM_ARGS
from fake_daily_server.handles.webhook_receiver import WebhookReceiver
from simulator.audio.tones import tone
from simulator.audio.wav import write_wav
from tests.integration.recordings.repeated import run
from tests.interop.browser import chromium
from tests.interop.browser.sandbox_page import WITHIN_MS, ladder, phone, press, room
from tests.interop.browser.test_sandbox_talk import HUMMED, KEEPS_CONNECTIONS, PEAK, SPOKEN

if TYPE_CHECKING:
    from playwright.async_api import Page, Playwright

pytestmark = [pytest.mark.interop("playwright", "chromium"), pytest.mark.asyncio(loop_scope="session")]

COMMAND = (sys.executable, "-m", "fake_daily_server", "--sandbox", "--port", "0", "--sip-port", "0")
ANSWERS = "+15005550100"
"""The test number that answers."""
ARTIFACTS = os.environ.get("DAILY_SIM_ARTIFACTS")


@pytest_asyncio.fixture(loop_scope="session")
async def address(tmp_path: Path) -> AsyncIterator[str]:
    """The address that the terminal says when a sandbox has started in an empty folder."""
    process = await asyncio.create_subprocess_exec(*COMMAND, cwd=tmp_path, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            while (found := re.match(rb"Sandbox: (\S+)", await process.stdout.readline())) is None:
                pass
        yield found[1].decode()
    finally:
        process.terminate()
        await process.communicate()


@asynccontextmanager
async def opened(playwright: Playwright, address: str, microphone: Path) -> AsyncIterator[Page]:
    """The page in a browser whose microphone picks up what is in a WAV file; errors on its console fail the test."""
    args = (*CHROMIUM_ARGS, f"--use-file-for-fake-audio-capture={microphone}")
    async with (
        await chromium.launch(playwright, *args) as browser,
        await browser.new_context(permissions=["microphone", "clipboard-read", "clipboard-write"]) as context,
    ):
        await context.add_init_script(KEEPS_CONNECTIONS)
        page = await context.new_page()
        page.set_default_timeout(WITHIN_MS)
        errors: list[str] = []
        page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.goto(address)
        yield page
        assert errors == []


async def test_a_bot_is_called_heard_broken_and_becomes_a_test(
    playwright: Playwright, address: str, tmp_path: Path
) -> None:
    microphone = write_wav(tmp_path / "spoken.wav", tone(SPOKEN, 5, rate=48_000), 48_000)
    async with (
        WebhookReceiver() as receiver,
        httpx.AsyncClient(base_url=address, timeout=30, trust_env=False) as bot,
        opened(playwright, address, microphone) as page,
    ):
        ann, ben, demo = phone(page, "Ann"), phone(page, "Ben"), room(page)
        host = (await bot.get("/_sim/rooms/demo")).json()["participants"][0]["session_id"]
        participant = f"/_sim/rooms/demo/participants/{host}"
        await bot.post(f"{participant}/hum", json={"hz": HUMMED})
        await subscribe(page, receiver.url)

        await press(ann, "call")
        await press(ann, "talk")
        await ann.get_by_text("microphone connected").wait_for()
        heard = bot.post(f"{participant}/expect-tone", json={"hz": SPOKEN, "within_ms": WITHIN_MS})
        assert (await heard).status_code == 200
        await page.evaluate(PEAK)
        await page.wait_for_function("hz => Math.abs(window.peak() - hz) < 12", arg=HUMMED)
        await press(ann.get_by_role("group", name="keys"), "5")
        await ladder(page).get_by_text("dtmf-event 5 (telephone-event)").first.wait_for()

        await ann.get_by_text("Network and removal").click()
        await press(ann, "impair RTP")
        await ann.get_by_text("RTP both: loss=0.2").wait_for()
        await press(ann, "recover")
        await ann.get_by_text("RTP both").wait_for(state="detached")
        caller = demo.get_by_role("list", name="participants").get_by_role("listitem").filter(has_text="sip-dial-in")
        await caller.get_by_label("to", exact=True).first.fill("+12065550102")
        await press(caller, "transfer")
        await press(ben, "answer")
        await ben.get_by_text("answered").wait_for()
        await press(ben, "hang up")

        await demo.get_by_label("number").fill(ANSWERS)
        await press(demo, "dial out")
        await demo.get_by_role("listitem").filter(has_text="pstn-dial-out").filter(has_text="sends sound").wait_for()
        await page.locator("#trigger").get_by_label("event").select_option("dialout.answered")
        await page.wait_for_function("() => document.getElementById('trigger-fields').value.includes('destination')")
        await press(page.locator("#trigger"), "trigger")
        await ladder(page).get_by_text(re.compile(r"dialout\.answered.*\(triggered\)")).first.wait_for()
        await receiver.wait_for_posts(4, within=20)  # the check of the URL, the transfer, the dial-out, the one by hand
        await press(page.get_by_role("region", name="Webhooks").get_by_role("listitem").last, "send again")
        posts = await receiver.wait_for_posts(5, within=20)
        oldest, again = posts[1].body, posts[-1].body
        assert (oldest["id"], oldest["payload"]) == (again["id"], again["payload"])
        await press(demo.get_by_role("listitem").filter(has_text="pstn-dial-out"), "eject")
        await ladder(page).get_by_text("dialout-stopped").last.wait_for()
        if ARTIFACTS:
            await page.screenshot(path=Path(ARTIFACTS, "sandbox-story.png"))
        await run(await copied_as_test(page), "pytest", tmp_path)


async def copied_as_test(page: Page) -> str:
    """All that the page shows, copied as a test for pytest."""
    await page.locator("#rows .pick").first.check()
    await page.locator("#rows .pick").last.click(modifiers=["Shift"])
    await press(page.get_by_role("group", name="selection"), "copy selection as pytest")
    await page.get_by_text(re.compile(r"^copied \d+ lines")).wait_for()
    text: str = await page.evaluate("() => navigator.clipboard.readText()")
    return text


async def subscribe(page: Page, url: str) -> None:
    """Subscribe a URL by the form of the page."""
    webhooks = page.get_by_role("region", name="Webhooks")
    await webhooks.get_by_text("New webhook").click()
    await webhooks.get_by_label("URL").fill(url)
    await webhooks.get_by_label("types").fill("dialout.answered")
    await press(webhooks, "subscribe")
    await webhooks.get_by_role("article").wait_for()
