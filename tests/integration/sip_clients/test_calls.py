"""A SIP client registers at the front door, is called by phones, rooms and clients, and calls them."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from fake_daily_server.server import FakeDaily
from simulator.useragent.sip_text import SipMessage
from tests.integration.sip_clients.raw_client import RawClient, Transport

PASSWORD = "correct-horse-1"
ANN = "+12065550142"


@pytest.fixture
async def clients(daily_api: httpx.AsyncClient) -> None:
    """Two SIP clients, made over REST."""
    for username in ("bench", "other.1"):
        made = await daily_api.post("/sip-clients", json={"username": username, "password": PASSWORD})
        assert made.status_code == 200, made.text


def client(daily: FakeDaily, user: str = "bench", transport: Transport = "udp") -> RawClient:
    return RawClient(daily.network.address, user, PASSWORD, transport=transport)


def records(daily: FakeDaily) -> list[tuple[str, str]]:
    return [(one.fields["action"], one.fields["client"]) for one in daily.timeline.records() if one.kind == "registrar"]


def status(message: SipMessage) -> int:
    return int(message.start.split()[1])


async def test_register_is_not_allowed_while_nobody_has_made_a_client(fake_daily: FakeDaily) -> None:
    async with client(fake_daily) as agent:
        assert status(await agent.register()) == 405
    assert records(fake_daily) == []


@pytest.mark.usefixtures("clients")
@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_client_behind_nat_is_called_by_a_phone(fake_daily: FakeDaily, transport: Transport) -> None:
    async with client(fake_daily, transport=transport) as agent:
        assert status(await agent.register()) == 200
        ann = await fake_daily.network.phone(ANN)
        call = await ann.dial(f"sip:bench@{fake_daily.network.address}")
        invite = await agent.answer()
        assert invite.start == f"INVITE {agent.contact} SIP/2.0"
        await call.wait_answered()
        await call.hang_up()
        agent.respond(await agent.receive("BYE"), "200 OK")
        assert (await call.wait_for_end()).by == "local"
    assert records(fake_daily) == [("registers", "bench")]


@pytest.mark.usefixtures("clients")
@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_client_behind_nat_calls_a_phone_which_hangs_up(fake_daily: FakeDaily, transport: Transport) -> None:
    ann = await fake_daily.network.phone(ANN)
    async with client(fake_daily, transport=transport) as agent:
        assert status(await agent.call(f"sip:{ANN}@{fake_daily.network.address}")) == 200
        call = await ann.wait_for_call()
        await call.wait_answered()
        assert "Proxy-Authorization" not in call.headers
        await call.hang_up()
        agent.respond(await agent.receive("BYE"), "200 OK")
        await call.wait_for_end()


@pytest.mark.usefixtures("clients")
async def test_a_room_dials_out_to_a_client(fake_daily: FakeDaily) -> None:
    room = await fake_daily.create_room(enable_dialout=True)
    bot = await fake_daily.join(room)
    async with client(fake_daily) as agent:
        await agent.register()
        await bot.start_dialout({"sipUri": f"sip:bench@{fake_daily.network.address}", "codecs": {"audio": ["PCMU"]}})
        await agent.answer()
        await bot.wait_for("dialout-answered")
        await bot.leave()


@pytest.mark.usefixtures("clients")
async def test_a_client_calls_an_endpoint_of_a_room(fake_daily: FakeDaily) -> None:
    room = await fake_daily.create_room("demo", sip={"sip_mode": "dial-in", "num_endpoints": 1, "display_name": "d"})
    bot = await fake_daily.join(room)
    async with client(fake_daily) as agent:
        final = await agent.call(f"sip:demo.0@{fake_daily.network.address}")
        assert status(final) == 200
        await bot.wait_for("dialin-connected")
        agent.within(final, "BYE")
        assert status(await agent.receive("SIP/2.0")) == 200
        await bot.wait_for("dialin-stopped")


@pytest.mark.usefixtures("clients")
@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_client_calls_another_client(fake_daily: FakeDaily, transport: Transport) -> None:
    async with client(fake_daily) as caller, client(fake_daily, "other.1", transport) as callee:
        await callee.register()
        uri = f"sip:other.1@{fake_daily.network.address}"
        calling = asyncio.create_task(caller.call(uri))
        await callee.answer()
        final = await calling
        assert status(final) == 200
        caller.within(final, "BYE")
        callee.respond(await callee.receive("BYE"), "200 OK")
        assert status(await caller.receive("SIP/2.0 200")) == 200


@pytest.mark.usefixtures("clients")
async def test_a_cancelled_call_has_the_uri_of_its_invite(fake_daily: FakeDaily) -> None:
    async with client(fake_daily) as agent:
        await agent.register()
        ann = await fake_daily.network.phone(ANN)
        call = await ann.dial(f"sip:bench@{fake_daily.network.address}")
        invite = await agent.receive("INVITE")
        agent.respond(invite, "180 Ringing")
        await call.hang_up()
        cancel = await agent.receive("CANCEL")
        assert cancel.start == f"CANCEL {agent.contact} SIP/2.0"
        agent.respond(cancel, "200 OK")
        agent.respond(invite, "487 Request Terminated")
        assert (await agent.receive("ACK")).start == f"ACK {agent.contact} SIP/2.0"


@pytest.mark.usefixtures("clients")
async def test_a_client_that_is_not_registered_gets_no_calls(fake_daily: FakeDaily) -> None:
    ann = await fake_daily.network.phone(ANN)
    uri = f"sip:bench@{fake_daily.network.address}"
    assert (await (await ann.dial(uri)).wait_for_end()).status == 480
    async with client(fake_daily) as agent:
        await agent.register()
        assert status(await agent.register("Contact: *", "Expires: 0")) == 200
        assert (await (await ann.dial(uri)).wait_for_end()).status == 480
    assert records(fake_daily) == [("registers", "bench"), ("unregisters", "bench")]


@pytest.mark.usefixtures("clients")
async def test_a_client_whose_connection_is_closed_is_not_registered(fake_daily: FakeDaily) -> None:
    async with client(fake_daily) as witness:
        async with client(fake_daily, transport="tcp") as agent:
            await agent.register()
            assert status(await witness.register("Supported: path")) == 200
        ann = await fake_daily.network.phone(ANN)
        assert (await (await ann.dial(f"sip:bench@{fake_daily.network.address}")).wait_for_end()).status == 480


@pytest.mark.usefixtures("clients")
async def test_a_client_is_forgotten_when_it_is_deleted(fake_daily: FakeDaily, daily_api: httpx.AsyncClient) -> None:
    ann = await fake_daily.network.phone(ANN)
    async with client(fake_daily) as agent:
        await agent.register()
        assert (await daily_api.delete("/sip-clients/bench")).json() == {"status": "ok"}
        assert (await (await ann.dial(f"sip:bench@{fake_daily.network.address}")).wait_for_end()).status == 404
        assert status(await agent.register()) == 403


@pytest.mark.usefixtures("clients")
async def test_a_rotated_password_leaves_the_registration_until_it_is_refreshed(
    fake_daily: FakeDaily, daily_api: httpx.AsyncClient
) -> None:
    ann = await fake_daily.network.phone(ANN)
    async with client(fake_daily) as agent:
        await agent.register()
        rotated = (await daily_api.post("/sip-clients/bench/rotate")).json()
        call = await ann.dial(f"sip:bench@{fake_daily.network.address}")
        await agent.answer()
        await call.wait_answered()
        await call.hang_up()
        agent.respond(await agent.receive("BYE"), "200 OK")
        assert status(await agent.register()) == 403
        assert status(await agent.register(password=rotated["password"])) == 200


@pytest.mark.usefixtures("clients")
async def test_no_password_and_no_digest_is_in_the_timeline_the_report_and_the_api_log(
    fake_daily: FakeDaily, daily_api: httpx.AsyncClient
) -> None:
    async with client(fake_daily) as agent:
        await agent.register(password="wrong-horse-1")
        await agent.register()
    kept = json.dumps([one.as_dict() for one in fake_daily.timeline.records()])
    kept += (await daily_api.get("/logs/api", params={"limit": 100})).text
    seen = b"".join(one.data for one in fake_daily.network.front_door.recent).decode()
    assert PASSWORD not in kept + seen
    assert "response=" not in kept + seen
    assert "Authorization: Digest (not shown)" in seen
    assert ("refused", "bench") in records(fake_daily)
