"""A phone that is not called says the one reason why."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from fake_daily_server.values.errors import DailyError
from simulator.errors import ExpectationFailed
from simulator.network import Network

NUMBER = "+12065550177"


async def reason(network: Network) -> str:
    """Why the phone with the number is not called."""
    phone = next((phone for phone in network.phones if phone.number == NUMBER), None) or await network.phone(NUMBER)
    with pytest.raises(ExpectationFailed) as failed:
        await phone.wait_for_call(within=0.1)
    return failed.value.because or ""


async def test_a_number_that_no_phone_has(daily_client: Client, phone_network: Network) -> None:
    await phone_network.phone(NUMBER)
    await daily_client.start_dialout({"phoneNumber": "+12065550717"})
    await daily_client.wait_for("dialout-error")
    said = "+12065550717 was dialled, which no phone has (404 Not Found); the nearest number that a phone has is "
    assert await reason(phone_network) == said + NUMBER


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"phoneNumber": "12065550177"}, "startDialOut was refused: params.phoneNumber: '12065550177' is not a phone"),
        ({"phonenumber": NUMBER}, "startDialOut was refused: params: unknown field 'phonenumber'"),
        ({"phoneNumber": "+4930901820", "callerId": "nobody"}, "startDialOut was refused: "),
    ],
)
async def test_a_refused_request(
    daily_client: Client, phone_network: Network, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(DailyError):
        await daily_client.start_dialout(options)
    assert (await reason(phone_network)).startswith(said)


async def test_a_room_without_dialout(fake_daily: FakeDaily, phone_network: Network) -> None:
    client = await fake_daily.join(await fake_daily.create_room())
    with pytest.raises(DailyError):
        await client.start_dialout({"phoneNumber": NUMBER})
    assert "dial-out is not enabled" in await reason(phone_network)


async def test_a_refused_rest_request(fake_daily: FakeDaily, daily_room: RoomHandle, phone_network: Network) -> None:
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {fake_daily.api_key}"}) as http:
        url = f"{fake_daily.api_url}/rooms/{daily_room.name}/dialOut/start"
        await http.post(url, json={"phoneNumber": "12065550177"})
    assert (await reason(phone_network)).startswith("POST …/dialOut/start was refused: phoneNumber: '12065550177'")


async def test_nobody_asked(fake_daily: FakeDaily, daily_room: RoomHandle, phone_network: Network) -> None:
    said = "nobody asked for a call (startDialOut, sipCallTransfer, sipRefer)"
    assert await reason(phone_network) == f"{said}, and no client is in a room"
    await fake_daily.join(daily_room)
    assert await reason(phone_network) == said


async def test_another_phone(daily_client: Client, phone_network: Network) -> None:
    other = await phone_network.phone("+12065550143", name="office")
    await daily_client.start_dialout({"phoneNumber": other.number})
    await other.wait_for_call()
    assert await reason(phone_network) == "the phone 'office' was called instead"


async def test_the_carrier_refuses(daily_client: Client, phone_network: Network) -> None:
    phone_network.refuse(NUMBER)
    await phone_network.phone(NUMBER)
    await daily_client.start_dialout({"phoneNumber": NUMBER})
    await daily_client.wait_for("dialout-error")
    assert await reason(phone_network) == f"{NUMBER} was dialled and refused with 503 Service Unavailable"


async def test_a_host_that_may_not_be_called(daily_client: Client, phone_network: Network) -> None:
    await daily_client.start_dialout({"sipUri": "sip:bob@example.com"})
    await daily_client.wait_for("dialout-error")
    assert "example.com" in await reason(phone_network)


async def test_only_what_happened_since_the_latest_call_counts(daily_client: Client, phone_network: Network) -> None:
    phone = await phone_network.phone(NUMBER)
    await daily_client.start_dialout({"phoneNumber": "+12065550717"})
    await daily_client.wait_for("dialout-error")
    await daily_client.start_dialout({"phoneNumber": NUMBER})
    await phone.wait_for_call()
    assert (await reason(phone_network)).startswith("nobody asked for a call")


async def test_a_missing_event_of_a_dialout_has_the_same_reason(
    fake_daily: FakeDaily, daily_client: Client, phone_network: Network
) -> None:
    await phone_network.phone(NUMBER)
    for wait in (daily_client.wait_for, fake_daily.wait_for):
        with pytest.raises(ExpectationFailed, match="nobody asked for a call"):
            await wait("dialout-answered", within=0.05)
    with pytest.raises(ExpectationFailed) as other:
        await daily_client.wait_for("app-message", within=0.05)
    assert other.value.because is None
    await daily_client.start_dialout({"phoneNumber": "+12065550717"})
    with pytest.raises(ExpectationFailed, match="which no phone has"):
        await daily_client.wait_for("dialout-answered", within=0.5)


async def test_an_end_that_does_not_come_names_the_call_that_is_up(
    daily_client: Client, daily_room: RoomHandle, phone_network: Network
) -> None:
    phone = await phone_network.phone(NUMBER)
    await daily_client.start_dialout({"phoneNumber": phone.number})
    await daily_client.wait_for("dialout-answered")
    said = f"the call with {NUMBER} is still up: nobody has hung up"
    with pytest.raises(ExpectationFailed, match=re.escape(said)):
        await daily_client.wait_for("dialout-stopped", within=0.05)
    with pytest.raises(ExpectationFailed) as other:
        await daily_client.wait_for("dialin-stopped", within=0.05)
    assert "still up" not in (other.value.because or "")
    caller = await phone_network.phone("+12065550199")
    call = await caller.dial(daily_room.sip_uris[0])
    await daily_client.wait_for("dialin-connected")
    with pytest.raises(ExpectationFailed, match=r"the call with .*\+12065550199.* is still up"):
        await daily_client.wait_for("dialin-stopped", within=0.05)
    await call.hang_up()
    await daily_client.wait_for("dialin-stopped")
