"""Creating, listing, changing and deleting SIP trunks over REST, and the test request to the customer's server."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest

from fake_daily_server.web.signature import sign
from scenarios.context.customer_server import CustomerServer
from tests.daily_side import DailySide, daily_side
from tests.server.rest.refusals import refused

OPEN = {"is_open": True}
CREDENTIAL = {"username": "carrier", "password": "correct-horse-1"}
HMAC = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture
async def customer() -> AsyncIterator[CustomerServer]:
    async with CustomerServer() as server:
        yield server


def request(customer: CustomerServer | None = None, **fields: Any) -> dict[str, Any]:
    """The body of a request for an open trunk; None leaves a field out."""
    url = "http://127.0.0.1:9/in" if customer is None else customer.url
    body: dict[str, Any] = {
        "trunk_name": "support",
        "room_template": {},
        "notification": {"webhook_url": url},
        "trunk_config": OPEN,
        **fields,
    }
    return {name: value for name, value in body.items() if value is not None}


async def created(side: DailySide, customer: CustomerServer, **fields: Any) -> dict[str, Any]:
    response = await side.api.post("/sip-trunk", json=request(customer, **fields))
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def changed(side: DailySide, trunk: dict[str, Any], **changes: Any) -> dict[str, Any]:
    response = await side.api.put(f"/sip-trunk/{trunk['id']}", json=changes)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def test_a_trunk_is_created_shown_and_deleted(side: DailySide, customer: CustomerServer) -> None:
    trunk = await created(side, customer, description="level 1", room_template={"enable_dialout": True})
    secret = trunk["config"]["notification"]["hmac"]
    assert len(base64.b64decode(secret)) == 32
    assert trunk == {
        "id": trunk["id"],
        "trunk_name": "support",
        "description": "level 1",
        "enabled": True,
        "sip_uri": "sip:sandbox-support.siptrunk.localhost:5060",
        "config": {
            "room_template": {"enable_dialout": True},
            "notification": {"webhook_url": customer.url, "hmac": secret},
            "trunk_config": {"is_open": True, "exp_offset": 3600},
        },
    }
    path = f"/sip-trunk/{trunk['id']}"
    assert (await side.api.get(path)).json() == trunk
    assert (await side.api.delete(path)).status_code == 200
    for method in ("GET", "PUT", "DELETE"):
        body: dict[str, Any] = {"json": {}} if method == "PUT" else {}
        assert "no SIP trunk" in await refused(side, method, path, 404, **body)


async def test_a_password_is_never_shown_or_logged(side: DailySide, customer: CustomerServer) -> None:
    config = {"credential": CREDENTIAL, "allowed_ips": ["203.0.113.0/24", "192.0.2.7"], "exp_offset": 60}
    trunk = await created(side, customer, trunk_config=config)
    assert trunk["config"]["trunk_config"] == {
        "is_open": False,
        "exp_offset": 60,
        "allowed_ips": ["203.0.113.0/24", "192.0.2.7"],
        "credential": {"username": "carrier"},
    }
    assert CREDENTIAL["password"] not in (await side.api.get(f"/sip-trunk/{trunk['id']}")).text
    assert CREDENTIAL["password"] not in (await side.api.get("/logs/api")).text
    assert CREDENTIAL["password"] not in repr(side.site.domain.sip_trunks.all)


@pytest.mark.parametrize(
    "fields",
    [
        {"trunk_name": None},
        {"trunk_name": "ab"},
        {"trunk_name": "Support"},
        {"trunk_name": "sup-port"},
        {"trunk_name": "a" * 64},
        {"trunk_name": "a" * 56},  # with the domain and a hyphen 64
        {"room_template": None},
        {"room_template": []},
        {"room_template": {"exp": 4_000_000_000}},
        {"room_template": {"nbf": 1}},
        {"room_template": {"name": "mine"}},
        {"room_template": {"properties": {}}},
        {"room_template": {"privacy": "secret"}},
        {"room_template": {"enable_dialout": "yes"}},
        {"room_template": {"sip": {"num_endpoints": 6}}},
        {"notification": None},
        {"notification": {}},
        {"notification": {"webhook_url": "ftp://127.0.0.1/in"}},
        {"notification": {"webhook_url": "http://example.com/in"}},
        {"notification": {"webhook_url": "http://127.0.0.1:9/in", "hmac": "not base64"}},
        {"description": "a" * 2049},
        {"enabled": "yes"},
        {"trunk_config": None},
        {"trunk_config": {}},
        {"trunk_config": {"is_open": False}},
        {"trunk_config": {"is_open": True, "allowed_ips": ["192.0.2.7"]}},
        {"trunk_config": {"is_open": True, "credential": CREDENTIAL}},
        {"trunk_config": {"allowed_ips": []}},
        {"trunk_config": {"allowed_ips": ["192.0.2.7/24"]}},
        {"trunk_config": {"allowed_ips": ["::1"]}},
        {"trunk_config": {"allowed_ips": ["carrier.example"]}},
        {"trunk_config": {"allowed_ips": [f"192.0.2.{last}" for last in range(26)]}},
        {"trunk_config": {"credential": {"username": "carrier"}}},
        {"trunk_config": {"credential": {"username": "carrier", "password": "short-1"}}},
        {"trunk_config": {"credential": {"username": "carrier", "password": "no-digit-in-here"}}},
        {"trunk_config": {"credential": {"username": 'a"b', "password": "correct-horse-1"}}},
        {"trunk_config": {**OPEN, "exp_offset": 59}},
        {"trunk_config": {**OPEN, "exp_offset": 86_401}},
        {"zork": 1},
    ],
)
async def test_invalid_trunks_are_refused(side: DailySide, fields: dict[str, Any]) -> None:
    info = await refused(side, "POST", "/sip-trunk", 400, json=request(**fields))
    password = (fields.get("trunk_config") or {}).get("credential", {}).get("password", "nothing")
    assert password not in info
    assert side.site.domain.sip_trunks.all == ()


async def test_the_limits_themselves_are_allowed(side: DailySide, customer: CustomerServer) -> None:
    ips = [f"192.0.2.{last}" for last in range(25)]
    config = {"allowed_ips": ips, "credential": {"username": "c", "password": "a1" * 32}, "exp_offset": 86_400}
    trunk = await created(side, customer, trunk_name="a" * 55, description="d" * 2048, trunk_config=config)
    assert trunk["sip_uri"] == f"sip:sandbox-{'a' * 55}.siptrunk.localhost:5060"


async def test_http_to_an_allowed_host_is_allowed_as_far_as_the_rules_go() -> None:
    async with daily_side(allow_hosts=("bot.test",)) as side:
        info = await refused(
            side, "POST", "/sip-trunk", 400, json=request(notification={"webhook_url": "http://bot.test:9/in"})
        )
        assert "sip_trunk.test" in info, "it was tested, so the URL was allowed"


async def test_a_name_that_is_taken_is_refused(side: DailySide, customer: CustomerServer) -> None:
    await created(side, customer)
    assert "already exists" in await refused(side, "POST", "/sip-trunk", 400, json=request(customer))
    await created(side, customer, trunk_name="another")


async def test_the_test_request_is_signed_and_comes_before_the_trunk(side: DailySide, customer: CustomerServer) -> None:
    await created(side, customer, notification={"webhook_url": customer.url, "hmac": HMAC})
    (post,) = customer.posts
    timestamp = post.headers["x-siptrunk-timestamp"]
    assert post.raw == b'{"type":"sip_trunk.test"}'
    assert post.headers["x-siptrunk-signature"] == sign(HMAC, timestamp, post.raw)
    assert abs(int(timestamp) / 1000 - side.clock()) < 60, "the timestamp is in ms"


@pytest.mark.parametrize("status", [301, 404, 500])
async def test_a_server_that_refuses_the_test_gets_no_trunk(
    side: DailySide, customer: CustomerServer, status: int
) -> None:
    customer.status = status
    info = await refused(side, "POST", "/sip-trunk", 400, json=request(customer))
    assert f"answered {status}" in info
    assert (len(customer.posts), side.site.domain.sip_trunks.all) == (1, ())


async def test_any_2xx_passes_the_test(side: DailySide, customer: CustomerServer) -> None:
    customer.status = 204
    await created(side, customer)


async def test_a_server_that_is_silent_or_absent_gets_no_trunk(customer: CustomerServer) -> None:
    async with daily_side(trunk_notification_limit=0.05) as side:
        customer.delay_s = 0.5
        assert "no answer within" in await refused(side, "POST", "/sip-trunk", 400, json=request(customer))
    async with daily_side() as side:
        assert "ConnectError" in await refused(side, "POST", "/sip-trunk", 400, json=request())
        elsewhere = request(notification={"webhook_url": "https://bot.example/in"})
        assert "not in the setting allow_hosts" in await refused(side, "POST", "/sip-trunk", 400, json=elsewhere)


async def test_the_list_is_filtered_and_paged(side: DailySide, customer: CustomerServer) -> None:
    ids: dict[str, str] = {}
    fields_by_name: dict[str, dict[str, Any]] = {
        "one": {"description": "level 1"},
        "two": {"description": "level 2", "enabled": False},
        "twofold": {},
    }
    for name, fields in fields_by_name.items():
        ids[name] = (await created(side, customer, trunk_name=name, **fields))["id"]

    async def listed(**query: Any) -> list[str]:
        page = (await side.api.get("/sip-trunk", params=query)).json()
        assert page["total_count"] >= len(page["data"])
        return [trunk["trunk_name"] for trunk in page["data"]]

    assert await listed() == ["twofold", "two", "one"]
    assert await listed(trunk_name="two") == ["twofold", "two"]
    assert await listed(description="level") == ["two", "one"]
    assert await listed(enabled="false") == ["two"]
    assert await listed(limit=1) == ["twofold"]
    assert await listed(starting_after=ids["twofold"]) == ["two", "one"]
    assert await listed(ending_before=ids["one"], limit=1) == ["two"]
    for wrong in ("limit=0", "limit=101", "starting_after=zork", "zork=1"):
        await refused(side, "GET", f"/sip-trunk?{wrong}", 400)


async def test_a_page_has_20_trunks_unless_told_otherwise(side: DailySide, customer: CustomerServer) -> None:
    for number in range(21):
        await created(side, customer, trunk_name=f"trunk{number}")
    assert len((await side.api.get("/sip-trunk")).json()["data"]) == 20
    assert len((await side.api.get("/sip-trunk?limit=100")).json()["data"]) == 21


async def test_a_change_keeps_what_it_does_not_name(side: DailySide, customer: CustomerServer) -> None:
    trunk = await created(side, customer, description="level 1", trunk_config={"credential": CREDENTIAL})
    after = await changed(side, trunk, enabled=False, trunk_config={"exp_offset": 60})
    expected = {**trunk, "enabled": False}
    expected["config"]["trunk_config"]["exp_offset"] = 60
    assert after == expected
    assert (await changed(side, trunk, description=None))["description"] is None
    template = {"privacy": "private", "sip": {"display_name": "a caller"}}
    assert (await changed(side, trunk, room_template=template))["config"]["room_template"] == template
    assert len(customer.posts) == 1, "only a change of notification is tested"
    (kept,) = side.site.domain.sip_trunks.all
    assert kept.config.credential is not None
    assert kept.config.credential.password == CREDENTIAL["password"]


async def test_a_secret_is_set_rotated_and_kept(side: DailySide, customer: CustomerServer) -> None:
    trunk = await created(side, customer)
    first = trunk["config"]["notification"]["hmac"]

    async def secret_after(**notification: Any) -> str:
        after = await changed(side, trunk, notification=notification)
        secret: str = after["config"]["notification"]["hmac"]
        post = customer.posts[-1]
        assert post.headers["x-siptrunk-signature"] == sign(secret, post.headers["x-siptrunk-timestamp"], post.raw)
        return secret

    assert await secret_after(webhook_url=customer.url) == first
    assert await secret_after(hmac=HMAC) == HMAC
    rotated = await secret_after(hmac=None)
    assert rotated not in (first, HMAC)
    assert len(customer.posts) == 4
    assert (await side.api.get(f"/sip-trunk/{trunk['id']}")).json()["config"]["notification"]["hmac"] == rotated


async def test_a_server_that_refuses_the_test_changes_nothing(side: DailySide, customer: CustomerServer) -> None:
    trunk = await created(side, customer)
    customer.status = 503
    changes = {"notification": {"hmac": None}, "enabled": False}
    await refused(side, "PUT", f"/sip-trunk/{trunk['id']}", 400, json=changes)
    assert (await side.api.get(f"/sip-trunk/{trunk['id']}")).json() == trunk


@pytest.mark.parametrize(
    "changes",
    [
        {"trunk_name": "support"},
        {"trunk_name": None},
        {"enabled": None},
        {"room_template": None},
        {"notification": None},
        {"notification": {"webhook_url": None}},
        {"notification": {"webhook_url": "http://example.com/in"}},
        {"trunk_config": None},
        {"trunk_config": {"is_open": True}},
        {"trunk_config": {"credential": None}},
        {"trunk_config": {"exp_offset": 1}},
        {"zork": 1},
    ],
)
async def test_invalid_changes_are_refused(side: DailySide, customer: CustomerServer, changes: dict[str, Any]) -> None:
    trunk = await created(side, customer, trunk_config={"credential": CREDENTIAL})
    await refused(side, "PUT", f"/sip-trunk/{trunk['id']}", 400, json=changes)
    assert (await side.api.get(f"/sip-trunk/{trunk['id']}")).json() == trunk


async def test_a_gated_trunk_becomes_open_and_gated_again(side: DailySide, customer: CustomerServer) -> None:
    trunk = await created(side, customer, trunk_config={"credential": CREDENTIAL})
    after = await changed(side, trunk, trunk_config={"credential": None, "is_open": True})
    assert after["config"]["trunk_config"] == {"is_open": True, "exp_offset": 3600}
    after = await changed(side, trunk, trunk_config={"is_open": False, "allowed_ips": ["192.0.2.7"]})
    assert after["config"]["trunk_config"]["allowed_ips"] == ["192.0.2.7"]


async def test_a_reset_removes_all_trunks(side: DailySide, customer: CustomerServer) -> None:
    await created(side, customer)
    await side.site.reset()
    assert (await side.api.get("/sip-trunk")).json() == {"total_count": 0, "data": []}
