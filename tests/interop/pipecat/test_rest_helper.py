"""Pipecat's DailyRESTHelper with the REST API: rooms, tokens, and error texts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import jwt
import pytest

from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from simulator.network import Network

if TYPE_CHECKING:
    import aiohttp
    from pipecat.transports.daily.utils import DailyRESTHelper, DailyRoomObject

pytestmark = pytest.mark.interop("pipecat")


def helper(daily: FakeDaily, http: aiohttp.ClientSession, *, key: str | None = None) -> DailyRESTHelper:
    from pipecat.transports.daily.utils import DailyRESTHelper

    return DailyRESTHelper(daily_api_key=key or daily.api_key, daily_api_url=daily.api_url, aiohttp_session=http)


async def create(rest: DailyRESTHelper, *, name: str | None = None, **properties: Any) -> DailyRoomObject:
    from pipecat.transports.daily.utils import DailyRoomParams, DailyRoomProperties

    return await rest.create_room(DailyRoomParams(name=name, properties=DailyRoomProperties(**properties)))


async def create_with_sip(rest: DailyRESTHelper) -> DailyRoomObject:
    from pipecat.transports.daily.utils import DailyRoomSipParams

    return await create(rest, sip=DailyRoomSipParams(display_name="Caller", codecs={"audio": ["PCMU"]}))


async def test_a_room_is_created_with_a_fractional_expiry(fake_daily: FakeDaily, http: aiohttp.ClientSession) -> None:
    expiry = time.time() + 300.25
    room = await create(helper(fake_daily, http), exp=expiry, eject_at_room_exp=True, enable_dialout=True)
    assert room.url == f"{fake_daily.url}/{room.name}"
    assert room.api_created
    assert room.privacy == "public"
    assert room.config.exp == pytest.approx(expiry, abs=1)
    assert room.config.eject_at_room_exp
    assert room.config.enable_dialout
    assert room.config.sip_endpoint == ""


async def test_a_room_is_read_back_by_its_url(fake_daily: FakeDaily, http: aiohttp.ClientSession) -> None:
    rest = helper(fake_daily, http)
    created = await create_with_sip(rest)
    room = await rest.get_room_from_url(created.url)
    assert room == created
    assert room.config.sip is not None
    assert (room.config.sip.display_name, room.config.sip.codecs) == ("Caller", {"audio": ["PCMU"]})


async def test_a_token_makes_its_bearer_an_owner(
    fake_daily: FakeDaily, phone_network: Network, http: aiohttp.ClientSession
) -> None:
    from fake_daily_server.handles.client import Client

    await phone_network.phone("+12065550142")
    rest = helper(fake_daily, http)
    room = await create(rest, name="owned", enable_dialout=True)
    async with Client(room.url, token=await rest.get_token(room.url)) as owner:
        await owner.start_dialout({"phoneNumber": "+12065550142"})
        await owner.wait_for("dialout-answered")


async def test_a_token_has_the_requested_properties(fake_daily: FakeDaily, http: aiohttp.ClientSession) -> None:
    from pipecat.transports.daily.utils import DailyMeetingTokenParams, DailyMeetingTokenProperties

    rest = helper(fake_daily, http)
    room = await create(rest)
    wanted = DailyMeetingTokenProperties(user_name="Bot", user_id="bot-1", start_video_off=True)
    token = await rest.get_token(
        room.url,
        expiry_time=60,
        eject_at_token_exp=True,
        owner=False,
        params=DailyMeetingTokenParams(properties=wanted),
    )
    async with http.get(
        f"{fake_daily.api_url}/meeting-tokens/{token}", headers={"Authorization": f"Bearer {fake_daily.api_key}"}
    ) as answer:
        decoded = await answer.json()
    assert (decoded["room_name"], decoded["user_name"], decoded["user_id"]) == (room.name, "Bot", "bot-1")
    assert decoded["exp"] == pytest.approx(time.time() + 60, abs=2)
    assert decoded["eject_at_token_exp"]
    assert decoded["start_video_off"]
    assert not decoded.get("is_owner")
    assert jwt.decode(token, fake_daily.api_key, algorithms=["HS256"])["r"] == room.name


async def test_deleting_a_room_twice_succeeds(fake_daily: FakeDaily, http: aiohttp.ClientSession) -> None:
    rest = helper(fake_daily, http)
    room = await create(rest)
    assert await rest.delete_room_by_url(room.url)
    assert await rest.delete_room_by_name(room.name)
    with pytest.raises(Exception, match=f"^Room not found: {room.name}$"):
        await rest.get_room_from_url(room.url)


async def test_errors_contain_the_status_and_the_reason(fake_daily: FakeDaily, http: aiohttp.ClientSession) -> None:
    without_access = helper(fake_daily, http, key="wrong")
    with pytest.raises(Exception, match=r"^Unable to create room \(status: 401\): .*authentication-error"):
        await create(without_access)
    rest = helper(fake_daily, http)
    room = await create(rest, name="taken")
    with pytest.raises(Exception, match=r"^Unable to create room \(status: 400\): .*taken"):
        await create(rest, name="taken")
    with pytest.raises(Exception, match=r"^Unable to create room \(status: 400\): .*exp"):
        await create(rest, exp=time.time() - 60)
    with pytest.raises(Exception, match=r"^Failed to create meeting token \(status: 401\): .*authentication-error"):
        await without_access.get_token(room.url)
    with pytest.raises(Exception, match=r"^Failed to create meeting token \(status: 400\): .*exp"):
        await rest.get_token(room.url, expiry_time=-60)
    with pytest.raises(Exception, match=r"^Failed to delete room \[taken\] \(status: 401\)"):
        await without_access.delete_room_by_url(room.url)


@pytest.mark.parametrize(("prefix", "endpoint"), [("sip:", "sip:sip:"), ("", "sip:")])
async def test_the_sip_endpoint_of_pipecat_can_be_dialled_with_any_prefix(
    http: aiohttp.ClientSession, prefix: str, endpoint: str
) -> None:
    async with FakeDaily(Settings(port=0, sip_port=0, sip_uri_prefix=prefix)) as daily:
        room = await create_with_sip(helper(daily, http))
        assert room.config.sip_uri is not None
        assert room.config.sip_endpoint == f"{endpoint}{room.config.sip_uri['endpoint'].removeprefix('sip:')}"
        bot = await daily.join(room.name)
        await bot.wait_for("dialin-ready")
        call = await (await daily.network.phone("+12065550199")).dial(room.config.sip_endpoint)
        await bot.wait_for(["dialin-connected", "participant-joined"])
        await call.hang_up()
        await bot.wait_for("dialin-stopped")
