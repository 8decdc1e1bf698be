"""A customer's server beside a server with SIP trunks, and short ways to make trunks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from scenarios.context.customer_server import CustomerServer, Post

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


def address(trunk: Trunk, user: str = "+15550002") -> str:
    """The address of a number at a trunk."""
    return str(trunk["sip_uri"]).replace("sip:", f"sip:{user}@")


async def announced(customer: CustomerServer, count: int = 1) -> list[Post]:
    """The first announcements of calls that a server has got, once there are so many."""

    def found() -> list[Post] | None:
        calls = [post for post in customer.posts if post.body["type"] == "sip_trunk.incoming"]
        return calls[:count] if len(calls) >= count else None

    posts = await customer.wait_until(found, within=5)
    assert posts is not None, customer.posts
    return posts
