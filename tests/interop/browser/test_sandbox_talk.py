"""A person talks from the sandbox: the browser's microphone and speaker with the call of a phone, proved by tones."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from fake_daily_server.clients.playwright import CHROMIUM_ARGS
from fake_daily_server.server import FakeDaily
from simulator.audio.tones import tone
from simulator.audio.wav import write_wav
from tests.interop.browser import chromium
from tests.interop.browser.sandbox_page import WITHIN_MS, ladder, phone, press, sandbox_page

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page, Playwright

pytestmark = [pytest.mark.interop("playwright", "chromium"), pytest.mark.asyncio(loop_scope="session")]

SPOKEN, HUMMED = 700, 440
KEEPS_CONNECTIONS = """
  window.connections = [];
  window.RTCPeerConnection = class extends window.RTCPeerConnection {
    constructor(...given) { super(...given); window.connections.push(this); }
  };
"""
PEAK = """async () => {
  const track = window.connections.at(-1).getReceivers()[0].track;
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 8192 });
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const levels = new Float32Array(analyser.frequencyBinCount);
  window.peak = () => {
    analyser.getFloatFrequencyData(levels);
    const loudest = levels.indexOf(Math.max(...levels));
    return levels[loudest] > -60 ? loudest * context.sampleRate / analyser.fftSize : 0;
  };
}"""
"""Makes a function that returns the frequency of the loudest tone that the page receives, in Hz."""


@pytest_asyncio.fixture(loop_scope="session")
async def speaking_browser(playwright: Playwright, tmp_path: Path) -> AsyncIterator[Browser]:
    """A browser whose microphone picks up a tone without end."""
    sound = tmp_path / "spoken.wav"
    write_wav(sound, tone(SPOKEN, 5, rate=48_000), 48_000)
    args = (*CHROMIUM_ARGS, f"--use-file-for-fake-audio-capture={sound}")
    async with await chromium.launch(playwright, *args) as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def page(speaking_browser: Browser, fake_daily: FakeDaily) -> AsyncIterator[Page]:
    async with await speaking_browser.new_context(permissions=["microphone"]) as context:
        await context.add_init_script(KEEPS_CONNECTIONS)
        async with sandbox_page(context, fake_daily) as page:
            yield page


async def in_the_room(page: Page) -> None:
    """Let Ann call the room and connect the microphone."""
    ann = phone(page, "Ann")
    await press(ann, "call")
    await press(ann, "talk")
    await page.get_by_text("You talk through Ann").wait_for()
    await ann.get_by_text("microphone connected").wait_for()


async def test_a_person_talks_with_who_is_in_the_room(page: Page, fake_daily: FakeDaily) -> None:
    (host,) = fake_daily.clients
    await in_the_room(page)
    await host.expect_tone(SPOKEN, within=20)
    await host.hum(HUMMED)
    await page.evaluate(PEAK)
    await page.wait_for_function("hz => Math.abs(window.peak() - hz) < 12", arg=HUMMED)
    shown = page.locator("#requests").get_by_text(re.compile("POST /_sim/phones/.*/talk → 200"))
    await shown.wait_for()


async def test_the_microphone_is_muted_and_disconnected_and_the_call_goes_on(page: Page, fake_daily: FakeDaily) -> None:
    (host,), ann = fake_daily.clients, phone(page, "Ann")
    await in_the_room(page)
    await host.expect_tone(SPOKEN, within=20)
    await press(ann, "mute")
    await ann.get_by_text("microphone muted").wait_for()
    await host.expect_silence(0.5, within=20)
    await press(ann, "unmute")
    await host.expect_tone(SPOKEN, within=20)
    await press(ann, "stop talking")
    await ann.get_by_role("button", name="talk", exact=True).wait_for()
    await host.expect_silence(0.5, within=20)
    await page.wait_for_function("() => window.connections.at(-1).connectionState === 'closed'")
    assert await page.locator("#talk").inner_text() == ""
    assert await ann.get_by_text("answered").count() == 1


async def test_the_end_of_the_call_frees_the_microphone(page: Page) -> None:
    await in_the_room(page)
    await page.evaluate("() => { window.track = window.connections.at(-1).getSenders()[0].track; }")
    await press(phone(page, "Ann"), "hang up")
    await page.wait_for_function("() => window.track.readyState === 'ended'")
    await page.wait_for_function("() => window.connections.at(-1).connectionState === 'closed'")


async def test_a_page_that_is_closed_leaves_the_call(page: Page, fake_daily: FakeDaily) -> None:
    await in_the_room(page)
    other = await page.context.new_page()
    await other.goto(f"{fake_daily.url}/_sim/sandbox")
    await phone(other, "Ann").get_by_text("microphone connected").wait_for(timeout=WITHIN_MS)
    await page.goto("about:blank")
    await phone(other, "Ann").get_by_role("button", name="talk", exact=True).wait_for(timeout=WITHIN_MS)
    assert await phone(other, "Ann").get_by_text("answered").count() == 1
    await ladder(other).get_by_text(re.compile("disconnects the microphone")).first.wait_for(timeout=WITHIN_MS)
    await other.close()


async def test_a_refused_microphone_is_said(speaking_browser: Browser, fake_daily: FakeDaily) -> None:
    async with await speaking_browser.new_context() as context:
        await context.add_init_script(
            "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('Permission denied'); };"
        )
        async with sandbox_page(context, fake_daily) as page:
            await press(phone(page, "Ann"), "call")
            await press(phone(page, "Ann"), "talk")
            await page.get_by_text("No microphone for Ann: Permission denied").wait_for(timeout=WITHIN_MS)
            await phone(page, "Ann").get_by_role("button", name="talk", exact=True).wait_for()
