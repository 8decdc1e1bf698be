"""Pipecat's development runner as a separate process: its dial-in webhook, called by Daily, and its other routes."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fake_daily_server.clients.environment import program_environment
from fake_daily_server.handles.client import Client
from fake_daily_server.server import FakeDaily
from simulator.network import Network
from tests.interop.pipecat.pipecat_runner import Runner, running

if TYPE_CHECKING:
    import aiohttp

pytestmark = pytest.mark.interop("pipecat")

NUMBER, CALLER = "+14155550101", "+12065550199"


def environment(daily: FakeDaily) -> dict[str, str]:
    """Return the environment of a program that finds the stand-in for daily-python, and these tests."""
    base = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    return program_environment(api_url=daily.api_url, api_key=daily.api_key, base=base)


@pytest.fixture(scope="module")
def running_runner(fake_daily_server: FakeDaily, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    with running("argument_printer", tmp_path_factory.mktemp("runner"), environment(fake_daily_server)) as runner:
        yield runner


@pytest.fixture
def runner(running_runner: Runner) -> Runner:
    running_runner.skip_printed()
    return running_runner


@pytest.fixture
async def api(fake_daily: FakeDaily) -> AsyncIterator[aiohttp.ClientSession]:
    """A client for the REST API."""
    import aiohttp

    headers = {"Authorization": f"Bearer {fake_daily.api_key}"}
    async with aiohttp.ClientSession(f"{fake_daily.api_url}/", headers=headers) as api:
        yield api


async def test_a_call_to_a_number_starts_a_bot(
    api: aiohttp.ClientSession, phone_network: Network, fake_daily: FakeDaily, runner: Runner
) -> None:
    webhook = f"{await runner.url()}/daily-dialin-webhook"
    config = {"type": "pinless_dialin", "phone_number": NUMBER, "room_creation_api": webhook}
    async with api.post("domain-dialin-config", json=config) as answer:
        assert answer.status == 200, "the trial request to the webhook was answered with 200"
    call = await (await phone_network.phone(CALLER)).dial(NUMBER, headers={"X-Tenant": "acme"})
    started = await runner.next_bot()
    settings = started["body"]["dialin_settings"]
    assert (settings["To"], settings["From"], settings["sip_headers"]) == (NUMBER, CALLER, {"X-Tenant": "acme"})
    assert settings["call_domain"] == fake_daily.settings.domain_id
    assert started["body"]["daily_api_url"] == fake_daily.api_url
    assert started["body"]["daily_api_key"] == fake_daily.api_key
    await call.wait_answered()  # and held

    async with Client(started["room_url"], token=started["token"]) as bot:
        endpoint = (await bot.wait_for("dialin-ready"))["sipEndpoint"]
        update = {"callId": settings["call_id"], "callDomain": settings["call_domain"], "sipUri": endpoint}
        async with api.post("dialin/pinlessCallUpdate", json=update) as answer:
            assert answer.status == 200
        connected, joined = await bot.wait_for(["dialin-connected", "participant-joined"])
        assert connected["sipHeaders"] == {"X-Tenant": "acme"}
        assert joined["participant"]["user_name"] == CALLER, "the runner names the endpoint after the caller"
        await call.hang_up()
        await bot.wait_for("dialin-stopped")


async def test_a_started_bot_talks_with_the_caller(
    api: aiohttp.ClientSession, phone_network: Network, fake_daily: FakeDaily, tmp_path: Path
) -> None:
    """As in production: number, webhook, room, bot in a separate process, caller moved, conversation."""
    with running("dial_in", tmp_path, environment(fake_daily)) as runner:
        webhook = f"{await runner.url()}/daily-dialin-webhook"
        config = {"type": "pinless_dialin", "phone_number": NUMBER, "room_creation_api": webhook}
        async with api.post("domain-dialin-config", json=config) as answer:
            assert answer.status == 200
        call = await (await phone_network.phone(CALLER)).dial(NUMBER)
        await call.expect_tones([660], within=15)
        await call.expect_silence(0.3)
        await call.press("9")
        await call.wait_for_digits("9", method="telephone-event")
        await call.hang_up()
        async with api.get("rooms") as answer:
            name = (await answer.json())["data"][0]["name"]
        await fake_daily.wait_until_empty(name)


@pytest.mark.parametrize(
    ("body", "status", "answered"),
    [
        ({"Test": "test"}, 200, {"status": "OK"}),
        ({"test": "test"}, 200, {"status": "OK"}),
        ({"From": CALLER}, 400, {"detail": "Missing required fields: From, To, callId, callDomain"}),
    ],
)
async def test_the_webhook_answers_pings_and_invalid_requests(
    http: aiohttp.ClientSession, runner: Runner, body: dict[str, str], status: int, answered: dict[str, str]
) -> None:
    async with http.post(f"{await runner.url()}/daily-dialin-webhook", json=body) as answer:
        assert (answer.status, await answer.json()) == (status, answered)


async def test_start_creates_a_room_with_given_properties(http: aiohttp.ClientSession, runner: Runner) -> None:
    wanted: dict[str, Any] = {
        "createDailyRoom": True,
        "dailyRoomProperties": {"enable_dialout": True, "start_video_off": True},
        "dailyMeetingTokenProperties": {"user_name": "Caller"},
        "body": {"dialout_settings": {"phone_number": "+12065550142"}},
    }
    async with http.post(f"{await runner.url()}/start", json=wanted) as answer:
        assert answer.status == 200
        created = await answer.json()
    started = await runner.next_bot()
    assert started == {
        "session_id": created["sessionId"],
        "room_url": created["dailyRoom"],
        "token": created["dailyToken"],
        "body": wanted["body"],
    }
    async with Client(started["room_url"], token=started["token"]) as bot:
        assert bot.participants["local"]["user_name"] == "Caller"
        assert bot.participants["local"]["owner"]


async def test_start_without_a_room_passes_only_the_body(http: aiohttp.ClientSession, runner: Runner) -> None:
    async with http.post(f"{await runner.url()}/start", json={"body": {"room_url": "http://elsewhere/x"}}) as answer:
        assert (answer.status, await answer.json()) == (200, None)
    assert (await runner.next_bot())["body"] == {"room_url": "http://elsewhere/x"}


async def test_a_browser_is_redirected_to_the_room(http: aiohttp.ClientSession, runner: Runner) -> None:
    async with http.get(f"{await runner.url()}/daily", allow_redirects=False) as answer:
        assert answer.status == 307
        assert answer.headers["location"] == (await runner.next_bot())["room_url"]
