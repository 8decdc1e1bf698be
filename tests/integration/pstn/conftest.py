"""A domain that owns two numbers, and a customer's server that receives the requests to `room_creation_api`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.server import FakeDaily
from scenarios.customer import Customer, Post

NUMBER = "+14155550101"
"""A number that the domain owns from the start. It is not the oldest one, which asks for codes."""
CALLER = "+12065550199"


@dataclass
class Pinless:
    """A pinless dial-in configuration, and the customer's server behind it."""

    daily: FakeDaily
    api: httpx.AsyncClient
    customer: Customer
    config: dict[str, Any]
    """The configuration as the API shows it."""

    async def asked(self) -> Post:
        """The request to the customer's server about the newest caller."""
        post = await self.customer.next_call()
        assert post is not None
        return post

    async def update(self, asked: Post, sip_uri: str, **changes: str) -> httpx.Response:
        """Send `pinlessCallUpdate` for the caller of a request to the customer's server."""
        body = {"callId": asked.body["callId"], "callDomain": asked.body["callDomain"], "sipUri": sip_uri}
        return await self.api.post("/dialin/pinlessCallUpdate", json={**body, **changes})

    async def bot(self, **properties: Any) -> Client:
        """A client in a new room, whose SIP endpoint is ready."""
        room = await self.daily.create_room(**{"sip": {"display_name": "a caller"}, **properties})
        client = await self.daily.join(room)
        await client.wait_for("dialin-ready")
        return client


@asynccontextmanager
async def pinless_domain(daily: FakeDaily, **fields: Any) -> AsyncIterator[Pinless]:
    """Configure pinless dial-in for `NUMBER`; `fields` override fields of the configuration, None omits one."""
    headers = {"Authorization": f"Bearer {daily.api_key}"}
    async with (
        Customer() as customer,
        httpx.AsyncClient(base_url=daily.api_url, headers=headers, trust_env=False) as api,
    ):
        wanted = {"type": "pinless_dialin", "phone_number": NUMBER, "room_creation_api": customer.url, **fields}
        given = {name: value for name, value in wanted.items() if value is not None}
        answer = await api.post("/domain-dialin-config", json=given)
        assert answer.status_code == 200, answer.text
        yield Pinless(daily, api, customer, answer.json()["config"])


@pytest.fixture
async def pinless(fake_daily: FakeDaily) -> AsyncIterator[Pinless]:
    async with pinless_domain(fake_daily) as domain:
        yield domain
