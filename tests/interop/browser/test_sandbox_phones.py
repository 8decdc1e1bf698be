"""Phones of the sandbox: new ones with a persona, and what can be done in a call, by the buttons of the page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from fake_daily_server.server import FakeDaily
from simulator.audio.tones import tone
from simulator.audio.wav import write_wav
from tests.interop.browser.sandbox_page import ladder, phone, press, sandbox_page

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

pytestmark = [pytest.mark.interop("playwright", "chromium"), pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext, fake_daily: FakeDaily) -> AsyncIterator[Page]:
    async with sandbox_page(context, fake_daily) as page:
        yield page


async def test_the_parameters_of_the_chosen_persona_are_shown_and_sent(page: Page, fake_daily: FakeDaily) -> None:
    await page.get_by_text("New phone").click()
    form = page.locator("#new-phone-form")
    await form.get_by_label("name", exact=True).fill("Desk")
    assert await form.get_by_role("group").count() == 0
    await form.get_by_label("or persona").select_option("menu")
    await form.get_by_role("group", name="menu").get_by_label("repeats (count)").fill("1")
    await form.get_by_label("or persona").select_option("voicemail")
    assert await form.get_by_role("group").count() == 1
    voicemail = form.get_by_role("group", name="voicemail")
    assert await voicemail.get_by_label("beep_hz (hz)").get_attribute("placeholder") == "1000"
    await voicemail.get_by_label("beep_hz (hz)").fill("800")
    await voicemail.get_by_label("greeting_s (seconds)").fill("0.2")
    await press(form, "add")
    await phone(page, "Desk").wait_for()
    (desk,) = [each for each in fake_daily.network.phones if each.name == "Desk"]
    assert (desk.spec.persona, desk.spec.parameters) == ("voicemail", {"greeting_s": 0.2, "beep_hz": 800})
    await phone(page, "Ann").get_by_label("calls").fill(desk.number or "")
    await press(phone(page, "Ann"), "call")
    await phone(page, "Ann").get_by_text("answered").wait_for()
    (ann,) = [each for each in fake_daily.network.phones if each.name == "Ann"]
    await ann.calls[-1].expect_tone(800, within=20)


async def test_a_menu_is_given_as_json(page: Page, fake_daily: FakeDaily) -> None:
    await page.get_by_text("New phone").click()
    form = page.locator("#new-phone-form")
    await form.get_by_label("or persona").select_option("menu")
    await form.get_by_label("menu (branches)").fill('{"4": "returns"}')
    await press(form, "add")
    await phone(page, "+12065550199").wait_for()
    assert fake_daily.network.phones[-1].spec.parameters == {"menu": {"4": "returns"}}


async def test_a_phone_with_two_calls_connects_their_peers(page: Page, fake_daily: FakeDaily) -> None:
    ann, ben = phone(page, "Ann"), phone(page, "Ben")
    await press(ann, "call")
    await ann.get_by_text("answered").wait_for()
    await ann.get_by_label("calls").fill("+12065550102")
    await press(ann, "new call")
    await press(ben, "answer")
    await ann.get_by_text("answered").nth(1).wait_for()
    (host,) = fake_daily.clients
    (ann_phone, ben_phone) = fake_daily.network.phones[:2]
    with_room, with_ben = ann_phone.calls
    await ann.get_by_role("button", name=f"transfer to the call with {with_room.remote}", exact=True).click()
    await with_room.wait_for_end(within=20)
    await ben_phone.calls[-1].wait_answered(within=20)
    await ben_phone.calls[-1].hum(440)
    await host.expect_tone(440, within=20)
    assert with_ben.state == "answered"
    await press(ann, "hang up")
    await ann.get_by_role("button", name="call", exact=True).wait_for()


async def test_a_file_is_played_and_digits_are_sent_as_a_bad_sender(
    page: Page, fake_daily: FakeDaily, tmp_path: Path
) -> None:
    ann, (host,) = phone(page, "Ann"), fake_daily.clients
    await press(ann, "call")
    await ann.get_by_text("answered").wait_for()
    await ann.get_by_label("WAV file").fill(str(write_wav(tmp_path / "sound.wav", tone(880, 30), 16_000)))
    await press(ann, "play")
    await host.expect_tone(880, within=20)
    await press(ann, "stop playing")
    await host.expect_silence(0.5, within=20)
    await ann.get_by_label("bad sender").select_option("no-marker")
    await press(ann, "press like")
    await ladder(page).get_by_text("dtmf-event 1 (telephone-event)").first.wait_for()
