"""Creating, listing, changing and deleting SIP clients over REST."""

from __future__ import annotations

import re
from typing import Any

import pytest

from fake_daily_server.domain.sip_clients import LIMIT_REACHED, MOST_CLIENTS
from tests.daily_side import DailySide
from tests.server.rest.refusals import refused

PASSWORD = "correct-horse-1"


async def created(side: DailySide, username: str = "support.1", **more: Any) -> dict[str, Any]:
    response = await side.api.post("/sip-clients", json={"username": username, **more})
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def test_a_client_is_created_shown_and_deleted(side: DailySide) -> None:
    domain = side.site.sip_address
    client = {
        "username": "support.1",
        "domain": domain,
        "sip_uri": f"sip:support.1@{domain}",
        "expires_at": None,
    }
    assert await created(side, password=PASSWORD) == {**client, "password": PASSWORD}
    assert (await side.api.get("/sip-clients/support.1")).json() == client
    assert (await side.api.delete("/sip-clients/support.1")).json() == {"status": "ok"}
    for method in ("GET", "DELETE"):
        assert "no SIP client 'support.1'" in await refused(side, method, "/sip-clients/support.1", 404)
    assert "no SIP client" in await refused(side, "POST", "/sip-clients/support.1/rotate", 404)


async def test_a_password_is_made_when_none_is_given(side: DailySide) -> None:
    made = [(await created(side, username))["password"] for username in ("a", "b")]
    assert made[0] != made[1]
    assert all(re.fullmatch(r"(?=.*[a-zA-Z])(?=.*\d)\w{12,64}", password) for password in made)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"username": ""},
        {"username": "a.b"},
        {"username": "a b"},
        {"username": "a.1\n"},
        {"username": "a" * 65},
        {"username": 7},
        {"username": "a", "expires_in_seconds": 59},
        {"username": "a", "expires_in_seconds": 2_592_001},
        {"username": "a", "password": "short-1"},
        {"username": "a", "password": "no-digit-in-here"},
        {"username": "a", "password": "1234567890123"},
        {"username": "a", "password": "a1" * 33},
        {"username": "a", "password": "a1 with blanks in it"},
        {"username": "a", "zork": 1},
    ],
)
async def test_invalid_clients_are_refused(side: DailySide, body: dict[str, Any]) -> None:
    info = await refused(side, "POST", "/sip-clients", 400, json=body)
    assert str(body.get("password", "nothing")) not in info
    assert side.site.domain.sip_clients.all == ()


async def test_a_name_that_is_taken_is_409(side: DailySide) -> None:
    await created(side)
    response = await side.api.post("/sip-clients", json={"username": "support.1"})
    assert (response.status_code, response.json()["error"]) == (409, "invalid-request-error")
    assert "already exists" in response.json()["info"]


async def test_a_domain_has_at_most_2000_clients(side: DailySide) -> None:
    for number in range(MOST_CLIENTS):
        side.site.domain.sip_clients.create(f"client-{number}")
    response = await side.api.post("/sip-clients", json={"username": "one-more"})
    assert (response.status_code, response.json()) == (403, {"error": "forbidden-error", "info": LIMIT_REACHED})
    await side.api.delete("/sip-clients/client-7")
    await created(side, "one-more")


async def test_the_list_is_newest_first_and_paged_by_offset(side: DailySide) -> None:
    for username in ("a", "b", "c"):
        await created(side, username)

    async def page(**query: int) -> tuple[list[str], dict[str, int]]:
        body = (await side.api.get("/sip-clients", params=query)).json()
        clients = body.pop("sip_clients")
        assert not any("password" in client for client in clients)
        return [client["username"] for client in clients], body

    assert await page() == (["c", "b", "a"], {"total": 3, "limit": 50, "offset": 0})
    assert await page(limit=1, offset=1) == (["b"], {"total": 3, "limit": 1, "offset": 1})
    assert await page(offset=9) == ([], {"total": 3, "limit": 50, "offset": 9})
    for wrong in ("limit=0", "limit=101", "offset=-1", "zork=1"):
        await refused(side, "GET", f"/sip-clients?{wrong}", 400)


async def test_a_client_with_a_life_is_gone_when_the_clock_has_passed_it(side: DailySide) -> None:
    client = await created(side, expires_in_seconds=60)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", client["expires_at"])
    side.site.clock.advance(59)
    assert (await side.api.get("/sip-clients/support.1")).json()["expires_at"] == client["expires_at"]
    side.site.clock.advance(1)
    await refused(side, "GET", "/sip-clients/support.1", 404)
    assert (await side.api.get("/sip-clients")).json()["total"] == 0
    await created(side)


@pytest.mark.parametrize("body", [None, {}, {"password": "another-horse-2"}])
async def test_a_password_is_rotated_and_the_rest_is_kept(side: DailySide, body: dict[str, str] | None) -> None:
    before = await created(side, password=PASSWORD, expires_in_seconds=600)
    after = (await side.api.post("/sip-clients/support.1/rotate", json=body)).json()
    assert after.pop("password") != before.pop("password")
    assert after == before


async def test_a_weak_new_password_is_refused_and_the_old_one_kept(side: DailySide) -> None:
    await created(side, password=PASSWORD)
    info = await refused(side, "POST", "/sip-clients/support.1/rotate", 400, json={"password": "weak"})
    assert "weak" not in info
    assert side.site.domain.sip_clients.password_of("support.1") == PASSWORD


async def test_the_api_log_has_no_passwords(side: DailySide) -> None:
    made = (await created(side))["password"]
    await created(side, "b", password=PASSWORD)
    logged = (await side.api.get("/logs/api")).text
    assert made not in logged
    assert PASSWORD not in logged
    assert "(not shown)" in logged
