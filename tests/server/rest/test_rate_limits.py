"""Daily's rate limits, when the setting rate_limits is on."""

from __future__ import annotations

import httpx
import pytest

from tests.daily_side import DailySide, daily_side


async def statuses(side: DailySide, method: str, path: str, count: int) -> list[int]:
    return [(await side.api.request(method, path)).status_code for _ in range(count)]


async def test_calls_are_not_limited_by_default(side: DailySide) -> None:
    assert set(await statuses(side, "GET", "/", 120)) == {200}


async def test_the_101st_call_within_five_seconds_is_429() -> None:
    async with daily_side(rate_limits=True) as side:
        side.clock.stop()
        assert set(await statuses(side, "GET", "/rooms", 100)) == {200}
        over = await side.api.get("/rooms")
        assert (over.status_code, over.json()["error"]) == (429, "rate-limit-error")
        assert "100 calls in 5 s" in over.json()["info"]
        assert "retry-after" not in over.headers
        side.clock.ahead = 6
        assert set(await statuses(side, "GET", "/rooms", 100)) == {200}
        assert await statuses(side, "POST", "/meeting-tokens", 1) == [429]


async def test_deleting_rooms_has_its_own_limit() -> None:
    async with daily_side(rate_limits=True) as side:
        side.clock.stop()
        assert set(await statuses(side, "DELETE", "/rooms/a", 50)) == {404}
        assert await statuses(side, "DELETE", "/rooms/b", 1) == [429]
        assert await statuses(side, "GET", "/rooms", 1) == [200]
        side.clock.ahead = 29
        assert await statuses(side, "DELETE", "/rooms/b", 1) == [429]
        side.clock.ahead = 31
        assert await statuses(side, "DELETE", "/rooms/b", 1) == [404]


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer"])
async def test_calls_without_the_key_and_room_pages_do_not_count(header: str) -> None:
    async with daily_side(rate_limits=True) as side, httpx.AsyncClient(trust_env=False) as client:
        side.clock.stop()
        for _ in range(110):
            response = await client.get(f"{side.url}/v1/rooms", headers={"Authorization": header})
            assert response.status_code in {400, 401}
            assert (await client.get(f"{side.url}/zork")).status_code == 404
        assert await statuses(side, "GET", "/rooms", 1) == [200]
