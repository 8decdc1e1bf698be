"""Loads the page before its first visitor does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_daily_server.site import SANDBOX

if TYPE_CHECKING:
    from fake_daily_server.server import FakeDaily


async def load_page(daily: FakeDaily) -> None:
    """Request the page of a running server once, so that the first visitor does not wait for its modules (0.3 s)."""
    import httpx  # noqa: PLC0415  # only a sandbox needs it at the start

    async with httpx.AsyncClient(trust_env=False, headers={"Authorization": f"Bearer {daily.api_key}"}) as http:
        (await http.get(f"{daily.url}{SANDBOX}")).raise_for_status()
