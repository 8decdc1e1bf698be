"""Fixtures of the tests with real calls."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from fake_daily_server.server import FakeDaily


@pytest.fixture
async def daily_api(fake_daily: FakeDaily) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the REST API with the key of the domain."""
    headers = {"Authorization": f"Bearer {fake_daily.api_key}"}
    async with httpx.AsyncClient(base_url=fake_daily.api_url, headers=headers, trust_env=False) as api:
        yield api
