"""`configure()` of Pipecat's runner, which creates the room and the token for a bot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jwt
import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.server import FakeDaily
from simulator.network import Network

if TYPE_CHECKING:
    import aiohttp

pytestmark = pytest.mark.interop("pipecat")


async def room_of(daily: FakeDaily, http: aiohttp.ClientSession, url: str) -> dict[str, Any]:
    """Return the room from the REST API."""
    name = url.rpartition("/")[2]
    headers = {"Authorization": f"Bearer {daily.api_key}"}
    async with http.get(f"{daily.api_url}/rooms/{name}", headers=headers) as answer:
        assert answer.status == 200
        room: dict[str, Any] = await answer.json()
        return room


async def test_configure_creates_a_plain_room(fake_daily: FakeDaily, http: aiohttp.ClientSession) -> None:
    from pipecat.runner.daily import configure

    url, token = await configure(http)
    room = await room_of(fake_daily, http, url)
    assert room["name"].startswith("pipecat-")
    assert room["config"]["eject_at_room_exp"]
    assert "sip" not in room["config"]
    async with Client(url, token=token) as bot:
        assert bot.participants["local"]["owner"]


async def test_configure_creates_a_room_for_callers(
    fake_daily: FakeDaily, phone_network: Network, http: aiohttp.ClientSession
) -> None:
    from pipecat.runner.daily import configure

    config = await configure(http, sip_caller_phone="+12065550199", sip_num_endpoints=2, sip_provider="daily")
    room = await room_of(fake_daily, http, config.room_url)
    assert room["name"].startswith("pipecat-telephony-")
    assert room["config"]["sip"]["display_name"] == "+12065550199"
    assert config.sip_endpoint is not None
    async with Client(config.room_url, token=config.token) as bot:
        await bot.wait_for(["dialin-ready", "dialin-ready"])
        call = await (await phone_network.phone("+12065550199")).dial(config.sip_endpoint)
        joined = await bot.wait_for("participant-joined")
        assert joined["participant"]["user_name"] == "+12065550199"
        await call.hang_up()
        await bot.wait_for("dialin-stopped")


async def test_configure_creates_a_room_for_dial_out(
    fake_daily: FakeDaily, phone_network: Network, http: aiohttp.ClientSession
) -> None:
    from pipecat.runner.daily import configure

    await phone_network.phone("+12065550142")
    config = await configure(http, enable_dialout=True, room_geo="us-east-1")
    room = await room_of(fake_daily, http, config.room_url)
    assert room["name"].startswith("pipecat-telephony-")
    assert room["config"]["geo"] == "us-east-1"
    assert config.sip_endpoint is None
    async with Client(config.room_url, token=config.token) as bot:
        await bot.start_dialout({"phoneNumber": "+12065550142"})
        await bot.wait_for("dialout-answered")


async def test_configure_uses_given_properties(fake_daily: FakeDaily, http: aiohttp.ClientSession) -> None:
    from pipecat.runner.daily import configure
    from pipecat.transports.daily.utils import DailyMeetingTokenProperties, DailyRoomProperties

    config = await configure(
        http,
        room_properties=DailyRoomProperties(max_participants=2, enable_recording="cloud"),
        token_properties=DailyMeetingTokenProperties(user_name="Recorder", enable_recording="cloud"),
    )
    room = await room_of(fake_daily, http, config.room_url)
    assert (room["config"]["max_participants"], room["config"]["enable_recording"]) == (2, "cloud")
    assert "exp" not in room["config"], "the runner adds none to given properties"
    async with Client(config.room_url, token=config.token) as bot:
        assert bot.participants["local"]["user_name"] == "Recorder"


async def test_configure_uses_the_room_of_the_environment(
    fake_daily: FakeDaily, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipecat.runner.daily import configure

    room = await fake_daily.create_room("standing")
    monkeypatch.setenv("DAILY_ROOM_URL", room.url)
    url, token = await configure(http)
    assert url == room.url
    assert jwt.decode(token, fake_daily.api_key, algorithms=["HS256"])["r"] == "standing"
    with_sip = await configure(http, sip_caller_phone="+12065550199")
    assert with_sip.room_url != room.url, "a room for callers is always a new one"


async def test_configure_without_a_key_fails(http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipecat.runner.daily import configure

    monkeypatch.delenv("DAILY_API_KEY")
    with pytest.raises(Exception, match=r"^DAILY_API_KEY environment variable is required"):
        await configure(http)


async def test_configure_raises_the_refusal_of_the_server(http: aiohttp.ClientSession) -> None:
    from pipecat.runner.daily import configure

    with pytest.raises(Exception, match=r"^Unable to create room \(status: 401\)"):
        await configure(http, api_key="wrong")
