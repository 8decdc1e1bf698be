"""Calls to SIP trunks over TLS."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from tests.integration.sip_clients.raw_client import SDP, RawClient
from tests.integration.sip_trunks.conftest import MakeTrunk, address
from tests.timeline_waits import wait_for_record


@pytest.fixture
async def fake_daily() -> AsyncIterator[FakeDaily]:
    async with FakeDaily(Settings(port=0, sip_port=0, sip_tls_port=0, sip_timers="fast")) as daily:
        yield daily


@pytest.mark.parametrize("scheme", ["sip", "sips"])
async def test_a_carrier_calls_over_tls(fake_daily: FakeDaily, make_trunk: MakeTrunk, scheme: str) -> None:
    trunk = await make_trunk()
    place = fake_daily.network.front_door.tls.address
    assert place is not None
    uri = address(trunk).replace("sip:", f"{scheme}:", 1)
    async with RawClient(place, "carrier", "", transport="tls", authority=fake_daily.sip_tls_certificate) as agent:
        agent.request("INVITE", uri, f"<{uri}>", f"Contact: <{agent.contact}>", body=SDP)
        await agent.receive("SIP/2.0 180")
        final = await agent.receive("SIP/2.0 200")
        agent.within(final, "ACK")
        await wait_for_record(fake_daily, lambda one: one.kind == "media")
        agent.within(final, "BYE")
        await agent.receive("SIP/2.0 200")
