"""Which calls to the hosts of trunks the front door admits: by name, by address, by password; a raw agent calls."""

from __future__ import annotations

import httpx
import pytest

from fake_daily_server.server import FakeDaily
from scenarios.context.customer_server import CustomerServer
from simulator.useragent.sip_text import SipMessage
from tests.integration.sip_clients.raw_client import SDP, RawClient
from tests.integration.sip_trunks.conftest import MakeTrunk, address, announced
from tests.timeline_waits import wait_for_record

PASSWORD = "correct-horse-1"
CREDENTIAL = {"username": "carrier", "password": PASSWORD}


def carrier(
    daily: FakeDaily, source: str = "127.0.0.1", *, user: str = "carrier", password: str = PASSWORD
) -> RawClient:
    return RawClient(daily.network.address, user, password, source=source, contact=f"{source}:5090")


async def invited(agent: RawClient, uri: str) -> SipMessage:
    """The final response to an INVITE without a password."""
    agent.request("INVITE", uri, f"<{uri}>", f"Contact: <{agent.contact}>", body=SDP)
    final = await agent.receive(*(f"SIP/2.0 {digit}" for digit in "23456"))
    if final.start.startswith("SIP/2.0 200"):
        agent.within(final, "ACK")
    return final


def status(message: SipMessage) -> int:
    return int(message.start.split()[1])


async def test_a_call_rings_at_once_and_is_answered(fake_daily: FakeDaily, make_trunk: MakeTrunk) -> None:
    trunk = await make_trunk()
    async with carrier(fake_daily) as agent:
        uri = address(trunk)
        agent.request("INVITE", uri, f"<{uri}>", f"Contact: <{agent.contact}>", body=SDP)
        await agent.receive("SIP/2.0 180")
        final = await agent.receive("SIP/2.0 200")
        agent.within(final, "ACK")
        await wait_for_record(fake_daily, lambda one: one.kind == "media")
        agent.within(final, "BYE")
        await agent.receive("SIP/2.0 200")


@pytest.mark.parametrize(
    "host",
    ["sandbox-nobody.siptrunk.localhost", "other-support.siptrunk.localhost", "sandbox.siptrunk.sip-us.daily.co"],
)
async def test_an_unknown_trunk_is_404(fake_daily: FakeDaily, make_trunk: MakeTrunk, host: str) -> None:
    await make_trunk()
    async with carrier(fake_daily) as agent:
        assert status(await invited(agent, f"sip:+15550002@{host}")) == 404
    await wait_for_record(fake_daily, lambda one: "no such SIP trunk" in str(one.fields.get("because")))


async def test_only_the_first_label_of_the_host_counts(
    fake_daily: FakeDaily, customer: CustomerServer, make_trunk: MakeTrunk
) -> None:
    await make_trunk()
    await make_trunk("sales")
    async with carrier(fake_daily) as agent:
        uri = "sip:anything@Sandbox-Sales.siptrunk.sip-us.daily.co"
        assert status(await invited(agent, uri)) == 200
    (post,) = await announced(customer)
    assert post.body["trunk"]["trunk_name"] == "sales"
    assert post.body["call"]["To"] == uri


async def test_a_disabled_trunk_is_403_until_it_is_enabled(
    fake_daily: FakeDaily, daily_api: httpx.AsyncClient, make_trunk: MakeTrunk
) -> None:
    trunk = await make_trunk(enabled=False)
    async with carrier(fake_daily) as agent:
        assert status(await invited(agent, address(trunk))) == 403
    await daily_api.put(f"/sip-trunk/{trunk['id']}", json={"enabled": True})
    async with carrier(fake_daily) as agent:
        assert status(await invited(agent, address(trunk))) == 200


async def test_calls_are_admitted_by_their_address(fake_daily: FakeDaily, make_trunk: MakeTrunk) -> None:
    trunk = await make_trunk(trunk_config={"allowed_ips": ["127.0.0.2", "127.0.1.0/24"]})
    for source, expected in (("127.0.0.1", 403), ("127.0.0.2", 200), ("127.0.1.77", 200), ("127.0.2.1", 403)):
        async with carrier(fake_daily, source) as agent:
            assert status(await invited(agent, address(trunk))) == expected, source
    await wait_for_record(fake_daily, lambda one: "may not come from 127.0.2.1" in str(one.fields.get("because")))


async def test_calls_are_admitted_by_a_password(
    fake_daily: FakeDaily, customer: CustomerServer, make_trunk: MakeTrunk
) -> None:
    trunk = await make_trunk(trunk_config={"credential": CREDENTIAL})
    async with carrier(fake_daily) as agent:
        challenge = (await invited(agent, address(trunk))).header("Proxy-Authenticate") or ""
        assert 'realm="sandbox-support.siptrunk.localhost"' in challenge
    for user, password, expected in (
        ("carrier", PASSWORD, 200),
        ("carrier", "wrong-horse-1", 403),
        ("another", PASSWORD, 403),
    ):
        async with carrier(fake_daily, user=user, password=password) as agent:
            assert status(await agent.call(address(trunk))) == expected
    assert len(await announced(customer)) == 1
    assert PASSWORD not in "\n".join(map(str, fake_daily.timeline.records()))


async def test_an_address_and_a_password_are_both_needed(fake_daily: FakeDaily, make_trunk: MakeTrunk) -> None:
    trunk = await make_trunk(trunk_config={"allowed_ips": ["127.0.0.2"], "credential": CREDENTIAL})
    async with carrier(fake_daily) as agent:
        assert status(await invited(agent, address(trunk))) == 403
    async with carrier(fake_daily, "127.0.0.2") as agent:
        assert status(await invited(agent, address(trunk))) == 407
    async with carrier(fake_daily, "127.0.0.2") as agent:
        assert status(await agent.call(address(trunk))) == 200


async def test_a_call_past_the_front_door_is_403(fake_daily: FakeDaily, make_trunk: MakeTrunk) -> None:
    trunk = await make_trunk(trunk_config={"credential": CREDENTIAL})
    worker = next(iter(fake_daily.gateway.group)).address
    async with RawClient(worker, "carrier", PASSWORD, contact="127.0.0.1:5090") as agent:
        assert status(await invited(agent, address(trunk))) == 403
    await wait_for_record(fake_daily, lambda one: "has not come through" in str(one.fields.get("because")))


async def test_a_deleted_trunk_takes_its_credential_along(
    fake_daily: FakeDaily, daily_api: httpx.AsyncClient, make_trunk: MakeTrunk
) -> None:
    trunk = await make_trunk(trunk_config={"credential": CREDENTIAL})
    assert (await daily_api.delete(f"/sip-trunk/{trunk['id']}")).status_code == 200
    async with carrier(fake_daily) as agent:
        assert status(await invited(agent, address(trunk))) == 404
