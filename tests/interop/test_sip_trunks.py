"""SIPp calls a SIP trunk as a carrier with a credential."""

from __future__ import annotations

from typing import Literal

import httpx
import pytest

from fake_daily_server.server import FakeDaily
from scenarios.context.customer_server import CustomerServer
from tests.interop import sipp
from tests.interop.program import Programs

CREDENTIAL = {"username": "carrier", "password": "correct-horse-1"}


@pytest.mark.interop("sipp")
@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_sipp_proves_its_password_and_is_answered_in_a_room(
    programs: Programs, fake_daily: FakeDaily, transport: Literal["udp", "tcp"]
) -> None:
    headers = {"Authorization": f"Bearer {fake_daily.api_key}"}
    async with (
        CustomerServer() as customer,
        httpx.AsyncClient(base_url=fake_daily.api_url, headers=headers, trust_env=False) as api,
    ):
        trunk = {
            "trunk_name": "support",
            "room_template": {},
            "notification": {"webhook_url": customer.url},
            "trunk_config": {"credential": CREDENTIAL},
        }
        made = await api.post("/sip-trunk", json=trunk)
        assert made.status_code == 200, made.text
        carrier = await sipp.as_carrier(
            programs, made.json()["sip_uri"], fake_daily.network.address, "+15550002", CREDENTIAL, transport=transport
        )
        await carrier.wait_for_success()
    announced = [post.body for post in customer.posts if post.body["type"] == "sip_trunk.incoming"]
    assert [body["call"]["To"] for body in announced] == ["+15550002"]
    assert announced[0]["call"]["callId"] == carrier.call_id
