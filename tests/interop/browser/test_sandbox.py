"""The page of a running server, as a person uses it: phones that are clicked, and what they do appears below."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
import pytest_asyncio

from fake_daily_server.handles.webhook_receiver import WebhookReceiver
from fake_daily_server.sandbox.first_content import add_first_content
from fake_daily_server.server import FakeDaily
from tests.integration.sip_clients.raw_client import RawClient
from tests.interop.browser.sandbox_page import WITHIN_MS, ladder, phone, press, sandbox_page

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

pytestmark = [pytest.mark.interop("playwright", "chromium"), pytest.mark.asyncio(loop_scope="session")]

ARTIFACTS = os.environ.get("DAILY_SIM_ARTIFACTS")


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext, fake_daily: FakeDaily) -> AsyncIterator[Page]:
    async with sandbox_page(context, fake_daily) as page:
        yield page


async def test_a_softphone_that_registers_appears_by_itself(page: Page, fake_daily: FakeDaily) -> None:
    fake_daily.site.domain.sip_clients.create("bench", "correct-horse-1")
    listed = page.get_by_role("list", name="registrations")
    await listed.get_by_text("nobody is registered").wait_for()
    async with RawClient(fake_daily.network.address, "bench", "correct-horse-1") as softphone:
        await softphone.register()
        await listed.get_by_text(f"sip:bench@{fake_daily.network.address}").wait_for()


async def test_a_phone_calls_the_room_presses_a_digit_and_hangs_up(page: Page) -> None:
    ann = phone(page, "Ann")
    await press(ann, "call")
    await ann.get_by_text("answered").wait_for()
    await press(ann.get_by_role("group", name="keys"), "5")
    await ladder(page).get_by_text("dtmf-event 5 (telephone-event)").first.wait_for()
    if ARTIFACTS:
        await page.screenshot(path=Path(ARTIFACTS, "sandbox.png"))
    await press(ann, "hang up")
    await ladder(page).get_by_text("dialin-stopped").first.wait_for()
    labels = await page.locator("#rows .row svg text").all_text_contents()
    wanted = ["INVITE · PCMU PCMA", "dialin-connected", "200 OK · PCMU", "ACK", "BYE", "dialin-stopped"]
    assert [label for label in labels if label in wanted] == wanted


async def test_the_room_dials_a_phone_that_is_answered_on_the_page(page: Page) -> None:
    room, ben = page.get_by_role("article", name="room demo"), phone(page, "Ben")
    await room.get_by_label("number").fill("+12065550102")
    await press(room, "dial out")
    await press(ben, "answer")
    await ben.get_by_text("answered").wait_for()
    await ladder(page).get_by_text("dialout-answered").first.wait_for()
    await room.get_by_text("pstn-dial-out").wait_for()


async def test_a_request_is_shown_as_curl_with_its_answer_and_a_refused_one_is_open(page: Page) -> None:
    ann, requests = phone(page, "Ann"), page.locator("#requests")
    await ann.get_by_label("calls").fill("nobody")
    await press(ann, "call")
    refused = requests.locator("details.refused")
    await refused.get_by_text(re.compile("^POST /_sim/phones/.*/dial → 400$")).wait_for()
    shown = await refused.inner_text()
    assert """-d '{"to":"nobody"}'""" in shown
    assert "'nobody'" in shown.partition("invalid-request-error")[2]


async def test_a_row_opens_to_the_whole_message(page: Page) -> None:
    await press(phone(page, "Ann"), "call")
    await phone(page, "Ann").get_by_text("answered").wait_for()
    row = page.locator("#rows .row", has=page.get_by_text("INVITE · PCMU PCMA", exact=True))
    await row.locator("summary").first.click()
    await row.get_by_text("CSeq:").wait_for()
    assert await row.locator(".sdp").get_by_text("m=audio").count() == 1


async def test_the_calls_are_a_test_that_passes(page: Page, fake_daily: FakeDaily, tmp_path: Path) -> None:
    room, ann = page.get_by_role("article", name="room demo"), phone(page, "Ann")
    await room.get_by_label("number").fill("+12065550101")
    await press(room, "dial out")
    await ann.get_by_text("answered").wait_for()
    await press(ann.get_by_role("group", name="keys"), "7")
    await ladder(page).get_by_text("dtmf-event 7 (telephone-event)").first.wait_for()
    await press(ann, "hang up")
    await ladder(page).get_by_text("dialout-stopped").first.wait_for()
    address = await page.get_by_role("link", name="the calls as a test").get_attribute("href")
    async with httpx.AsyncClient(base_url=fake_daily.url) as client:
        answer = await client.get(address or "")
    assert answer.status_code == 200
    story = tmp_path / "calls.yaml"
    story.write_text(answer.text)
    assert "7" in answer.text
    command = [sys.executable, "-m", "scenarios", "run", str(story)]
    run = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    printed, _ = await run.communicate()
    assert run.returncode == 0, printed.decode()


async def test_without_calls_there_is_no_test_and_a_sentence_why(fake_daily: FakeDaily) -> None:
    async with httpx.AsyncClient(base_url=fake_daily.url) as client:
        answer = await client.get("/_sim/story")
    assert answer.status_code == 409
    assert "there is no dial-out and no dial-in" in answer.json()["info"]


async def test_a_fault_is_set_by_its_form_and_takes_the_message(page: Page) -> None:
    faults = page.get_by_role("region", name="Faults and time")
    await faults.get_by_text("SIP messages").click()
    form = page.locator("#fault-SIP-messages")
    await form.get_by_label("fault").select_option("sip-respond")
    await form.get_by_label("message").fill("INVITE")
    await form.get_by_label("status").fill("503")
    await press(form, "set")
    await page.locator("#requests").get_by_text("POST /_sim/faults → 200").wait_for()
    listed = faults.get_by_role("list", name="faults that are set")
    await listed.get_by_text(re.compile(r"sip-respond message=INVITE .*status=503.*: has taken 0")).wait_for()
    await press(phone(page, "Ann"), "call")
    await phone(page, "Ann").get_by_text("503 Fault, ended by the remote side").wait_for()
    await listed.get_by_text("has taken 1").wait_for()
    await press(faults, "remove all faults")
    await listed.get_by_text("sip-respond").wait_for(state="detached")


async def test_a_webhook_is_subscribed_and_an_event_sent_again(page: Page, fake_daily: FakeDaily) -> None:
    async with WebhookReceiver() as receiver:
        webhooks = page.get_by_role("region", name="Webhooks")
        await webhooks.get_by_text("New webhook").click()
        await webhooks.get_by_label("URL").fill(receiver.url)
        await webhooks.get_by_label("types").fill("dialin.connected dialin.stopped")
        await press(webhooks, "subscribe")
        await webhooks.get_by_role("article").wait_for()
        await press(phone(page, "Ann"), "call")
        await webhooks.get_by_text("dialin.connected → 200").wait_for()
        await press(webhooks.get_by_role("listitem").filter(has_text="dialin.connected"), "send again")
        await page.wait_for_function("() => document.querySelectorAll('#webhooks li').length === 2")
    first, again = [post.body for post in receiver.posts if post.is_event and post.body["type"] == "dialin.connected"]
    assert (first["id"], first["payload"]) == (again["id"], again["payload"])


async def test_the_clock_is_moved_and_the_server_reset(page: Page) -> None:
    faults = page.get_by_role("region", name="Faults and time")
    await press(faults, "move the clock")
    await faults.get_by_text("clock: +60 s").wait_for()
    await press(faults, "reset the server: remove everything")
    await faults.get_by_text("clock: +0 s").wait_for()
    await phone(page, "Ann").wait_for(state="detached")


async def test_what_is_typed_stays_when_the_panel_changes(page: Page, fake_daily: FakeDaily) -> None:
    typed = page.get_by_role("article", name="room demo").get_by_label("number")
    await typed.fill("+1206555")
    await fake_daily.join("demo", user_name="a second one")
    await page.get_by_role("article", name="room demo").get_by_text("a second one").wait_for()
    assert await typed.input_value() == "+1206555"


async def test_kinds_can_be_hidden_and_the_ladder_paused(page: Page, fake_daily: FakeDaily) -> None:
    joined = ladder(page).get_by_text("participant-joined").first
    await joined.wait_for()
    await page.get_by_role("checkbox", name="event").uncheck()
    await joined.wait_for(state="hidden")
    await page.get_by_label("paused").check()
    before = await page.locator("#rows .row").count()
    await fake_daily.join("demo", user_name="late")
    await page.get_by_role("article", name="room demo").get_by_text("late").wait_for()
    assert await page.locator("#rows .row").count() == before
    await page.get_by_label("paused").uncheck()
    await page.wait_for_function("before => document.querySelectorAll('#rows .row').length > before", arg=before)


async def test_a_reset_empties_the_page(page: Page, fake_daily: FakeDaily) -> None:
    await page.locator("#rows .row").first.wait_for()
    await fake_daily.reset()
    await page.wait_for_function("() => !document.querySelector('#rows .row, article')")
    await add_first_content(fake_daily)
    await page.locator("#rows .row").first.wait_for()
    await phone(page, "Cleo").wait_for()


async def test_a_lost_connection_is_said(context: BrowserContext) -> None:
    page = await context.new_page()
    async with FakeDaily() as daily:
        await page.goto(f"{daily.url}/_sim/sandbox")
        await page.get_by_text("live", exact=True).wait_for(timeout=WITHIN_MS)
    await page.get_by_text("connection lost; trying again").wait_for(timeout=WITHIN_MS)
    await page.close()
