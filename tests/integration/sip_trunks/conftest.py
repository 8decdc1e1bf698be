"""A customer's server beside a server with SIP trunks, and short ways to make trunks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from scenarios.context.customer_server import CustomerServer

Trunk = dict[str, Any]
MakeTrunk = Callable[..., Awaitable[Trunk]]


@pytest.fixture
async def customer() -> AsyncIterator[CustomerServer]:
    async with CustomerServer() as server:
        yield server


@pytest.fixture
def make_trunk(daily_api: httpx.AsyncClient, customer: CustomerServer) -> MakeTrunk:
    """Makes a trunk over REST, which is open unless told otherwise; its server is `customer`."""

    async def make(name: str = "support", **fields: Any) -> Trunk:
        body = {
            "trunk_name": name,
            "room_template": {},
            "notification": {"webhook_url": customer.url},
            "trunk_config": {"is_open": True},
            **fields,
        }
        made = await daily_api.post("/sip-trunk", json=body)
        assert made.status_code == 200, made.text
        trunk: Trunk = made.json()
        return trunk

    return make
