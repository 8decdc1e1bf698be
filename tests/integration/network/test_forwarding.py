"""Numbers whose calls a real SIP peer takes, and the post-dial delay of simulated phones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.server import FakeDaily
from simulator.errors import ConfigurationError, ExpectationFailed
from simulator.network import Network
from simulator.phone import Phone

ME, ANN = "+12065550142", "+12065550143"


@pytest.fixture
async def softphone() -> AsyncIterator[Phone]:
    """A SIP user agent outside of the network under test, at an address of its own."""
    async with Network() as elsewhere:
        yield await elsewhere.phone(uri=f"sip:me@{elsewhere.address}")


async def test_a_softphone_takes_the_dial_outs_to_its_number(
    phone_network: Network, daily_client: Client, softphone: Phone
) -> None:
    await phone_network.phone(ME, forward_to=softphone.uri)
    session_id = await daily_client.start_dialout(phoneNumber=ME)
    call = await softphone.wait_for_call()
    answered = await daily_client.wait_for("dialout-answered", where={"sessionId": session_id})
    assert answered["destination"] == ME
    await call.press("1")
    await daily_client.wait_for("dtmf-event", where={"tone": "1"})
    await call.hang_up()
    await daily_client.wait_for("dialout-stopped")


async def test_a_phone_calls_a_softphone_at_its_number(phone_network: Network, softphone: Phone) -> None:
    await phone_network.phone(ME, forward_to=softphone.uri)
    ann = await phone_network.phone(ANN)
    calling = await ann.dial(ME)
    await softphone.wait_for_call()
    await calling.wait_answered()


async def test_a_softphone_gets_its_number_over_http(
    fake_daily: FakeDaily, daily_client: Client, softphone: Phone
) -> None:
    async with httpx.AsyncClient() as http:
        url = f"{fake_daily.url}/_sim/phones"
        made = await http.post(url, json={"number": ME, "forward_to": softphone.uri})
        assert made.status_code == 200, made.text
        refused = await http.post(url, json={"number": ANN, "forward_to": "sip:me@example.com"})
        assert (refused.status_code, "forward_to" in refused.text) == (400, True)
    await daily_client.start_dialout(phoneNumber=ME)
    await softphone.wait_for_call()


async def test_the_carrier_can_refuse_a_forwarded_number(
    phone_network: Network, daily_client: Client, softphone: Phone
) -> None:
    await phone_network.phone(ME, forward_to=softphone.uri)
    phone_network.refuse(ME)
    await daily_client.start_dialout(phoneNumber=ME)
    assert "503" in (await daily_client.wait_for("dialout-error"))["errorMsg"]


async def test_the_calls_of_a_softphone_are_not_ours(phone_network: Network) -> None:
    phone = await phone_network.phone(ME, forward_to="sip:me@127.0.0.1:5070")
    for verb in (phone.wait_for_call(within=0.1), phone.dial(ANN)):
        with pytest.raises(ConfigurationError, match="forward_to"):
            await verb


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"uri": "sip:bob@example.com", "forward_to": "sip:me@127.0.0.1:5070"}, "requires a `number`"),
        ({"number": ME, "forward_to": "sip:me@127.0.0.1:5070", "calls": "busy"}, "`calls` has no effect"),
        ({"number": ME, "forward_to": "me at home"}, "forward_to"),
        ({"number": ME, "forward_to": "sip:me@example.com"}, "a host of this machine, or one in allow_hosts"),
    ],
)
async def test_what_cannot_be_forwarded_is_refused(phone_network: Network, fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        await phone_network.phone(**fields)


@pytest.mark.parametrize("calls", [[{"ring_ms": 5000}], "busy"])
async def test_a_phone_responds_after_its_post_dial_delay(
    phone_network: Network, daily_client: Client, calls: Any
) -> None:
    phone = await phone_network.phone(ANN, dial_delay_ms=400, calls=calls)
    await daily_client.start_dialout(phoneNumber=ANN)
    await phone.wait_for_call()
    event = "dialout-error" if calls == "busy" else "dialout-connected"
    with pytest.raises(ExpectationFailed, match=r"responds after 0\.4 s \(dial_delay_ms\)"):
        await daily_client.wait_for(event, within=0.05)
    await daily_client.wait_for(event)
