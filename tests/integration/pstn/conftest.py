"""A number with pinless dial-in, and a customer's server that receives the requests for rooms."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.server import FakeDaily
from scenarios.context.customer_server import CustomerServer, Post

NUMBER = "+14155550101"
"""A number of the domain, but not its oldest, which asks for codes."""
CALLER = "+12065550199"


@dataclass
class Pinless:
    """A number whose callers are held, and the customer's server."""

    daily: FakeDaily
    api: httpx.AsyncClient
    customer: CustomerServer
    config: dict[str, Any]
    """The dial-in configuration as the REST API shows it."""

    async def asked(self) -> Post:
        """The request that the customer's server received for the newest caller."""
        post = await self.next_held_caller()
        assert post is not None
        return post

    async def next_held_caller(self, *, after: int = 0) -> Post | None:
        """The first request about a held caller after the first `after` requests; None when none comes within 5 s."""

        def found() -> Post | None:
            posts = self.customer.posts[after:]
            return next((post for post in posts if isinstance(post.body, dict) and "callId" in post.body), None)

        return await self.customer.wait_until(found, within=5)

    async def update(self, asked: Post, sip_uri: str, **changes: str) -> httpx.Response:
        """Call `pinlessCallUpdate` for the caller of such a request."""
        body = {"callId": asked.body["callId"], "callDomain": asked.body["callDomain"], "sipUri": sip_uri}
        return await self.api.post("/dialin/pinlessCallUpdate", json={**body, **changes})

    async def bot(self, **properties: Any) -> Client:
        """A client in a new room whose SIP endpoint is registered."""
        room = await self.daily.create_room(**{"sip": {"display_name": "a caller"}, **properties})
        client = await self.daily.join(room)
        await client.wait_for("dialin-ready")
        return client


@asynccontextmanager
async def pinless_domain(daily: FakeDaily, **fields: Any) -> AsyncIterator[Pinless]:
    """Configure pinless dial-in for `NUMBER`; `fields` change the configuration, None leaves a field out."""
    headers = {"Authorization": f"Bearer {daily.api_key}"}
    async with (
        CustomerServer() as customer,
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
