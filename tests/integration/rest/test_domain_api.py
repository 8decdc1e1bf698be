from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import Response

from fake_daily_server.values.ids import number_id
from fake_daily_server.web.http_server import HttpServer
from tests.daily_side import DailySide, daily_side
from tests.integration.rest.asking import refused

FIRST, SECOND = "+14155550100", "+14155550101"
NOWHERE = "http://127.0.0.1:9/call"
SECRET = base64.b64encode(b"a secret that the customer chose").decode()


@asynccontextmanager
async def customer(status: int = 200) -> AsyncIterator[tuple[str, list[Request]]]:
    """A customer's server: its URL, and the requests it had, bodies read."""
    had: list[Request] = []
    app = FastAPI()

    @app.post("/call")
    async def call(request: Request) -> Response:
        await request.body()
        had.append(request)
        return Response(status_code=status)

    server = HttpServer("127.0.0.1", 0)
    async with server.serving(app):
        yield f"http://127.0.0.1:{server.port}/call", had


async def configure(side: DailySide, **properties: Any) -> dict[str, Any]:
    response = await side.api.post("/", json={"properties": properties})
    assert response.status_code == 200, response.text
    config: dict[str, Any] = response.json()["config"]
    assert (await side.api.get("/")).json()["config"] == config
    return config


async def test_both_ways_of_taking_calls_are_set_and_shown(side: DailySide) -> None:
    config = await configure(
        side,
        pinless_dialin=[
            {"phone_number": FIRST, "room_creation_api": NOWHERE, "name_prefix": "my phone", "hmac": SECRET},
            {"room_creation_api": NOWHERE, "timeout_config": {"message": "Nobody is here."}},
        ],
        pin_dialin=[{"phone_number": SECOND, "ivr_greeting": {"message": "Your code, please."}}],
    )
    phone, sip = config["pinless_dialin"]
    assert re.fullmatch(r"my-phone--[0-9a-f]{8}@127\.0\.0\.1:5060", phone.pop("sip_uri"))
    assert phone == {
        "phone_number": FIRST,
        "room_creation_api": NOWHERE,
        "name_prefix": "my phone",
        "hmac": SECRET,
    }
    assert re.fullmatch(r"static--[0-9a-f]{8}@127\.0\.0\.1:5060", sip["sip_uri"])
    assert len(base64.b64decode(sip["hmac"])) == 32
    assert config["pin_dialin"] == [
        {"phone_number": SECOND, "ivr_greeting": {"message": "Your code, please."}, "sip_uri": None}
    ]
    domain = side.site.domain
    held = domain.dialin_configs.pinless_for_number(FIRST)
    assert held is not None
    assert held.hmac == SECRET
    assert domain.dialin_configs.pinless_for_number(SECOND) is None
    by_sip = domain.dialin_configs.pinless_for_sip_user(sip["sip_uri"].partition("@")[0])
    assert by_sip is not None
    assert (by_sip.phone_number, by_sip.timeout_message) == (None, "Nobody is here.")
    by_pin = domain.dialin_configs.pin_for_number(SECOND)
    assert by_pin is not None
    assert by_pin.greeting == "Your code, please."


async def test_an_array_is_replaced_whole_and_the_other_one_stays(side: DailySide) -> None:
    first = await configure(
        side,
        pinless_dialin=[{"phone_number": FIRST, "room_creation_api": NOWHERE}, {"room_creation_api": NOWHERE}],
        pin_dialin=[{"phone_number": SECOND}],
    )
    entry = {"phone_number": FIRST, "room_creation_api": NOWHERE, "name_prefix": "later"}
    second = await configure(side, pinless_dialin=[entry])
    assert second["pin_dialin"] == first["pin_dialin"]
    (kept,) = second["pinless_dialin"]
    assert kept["sip_uri"] == first["pinless_dialin"][0]["sip_uri"]
    assert kept["hmac"] != first["pinless_dialin"][0]["hmac"]
    assert await configure(side, pinless_dialin=[kept]) == second
    moved = await configure(side, pinless_dialin=[], pin_dialin=[{"phone_number": FIRST}])
    assert list(moved) == ["pin_dialin"]
    assert await configure(side, pin_dialin=None) == {}


async def test_the_arrays_and_the_resource_are_one_truth(side: DailySide) -> None:
    await configure(side, pinless_dialin=[{"phone_number": FIRST, "room_creation_api": NOWHERE}])
    (listed,) = (await side.api.get("/domain-dialin-config")).json()["data"]
    assert listed["type"] == "pinless_dialin"
    assert listed["config"] == (await side.api.get("/")).json()["config"]["pinless_dialin"][0]
    assert "in use" in await refused(
        side, "POST", "/domain-dialin-config", 400, json={"type": "pin_dialin", "phone_number": FIRST}
    )
    assert (await side.api.delete(f"/domain-dialin-config/{listed['id']}")).json() == {"status": "ok"}
    assert (await side.api.get("/")).json()["config"] == {}


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({"pinless_dialin": [{"phone_number": FIRST}]}, "room_creation_api is required for pinless_dialin"),
        ({"pin_dialin": [{"name_prefix": "x"}]}, "phone_number is required for pin_dialin"),
        ({"pin_dialin": [{"phone_number": "+12065550142"}]}, "+12065550142 is not a number of this domain; allowed:"),
        ({"pin_dialin": [{"phone_number": "4155550100"}]}, "'4155550100'"),
        ({"pin_dialin": [{"phone_number": FIRST}, {"phone_number": FIRST}]}, "in use by the pin_dialin"),
        ({"pinless_dialin": [{"room_creation_api": "ftp://x/"}]}, "'ftp://x/' is not a URL that can be called"),
        ({"pinless_dialin": [{"room_creation_api": "http://x:99999/"}]}, "is not a URL that can be called"),
        ({"pinless_dialin": [{"room_creation_api": NOWHERE, "hmac": "not base64!"}]}, "allowed: base64"),
        ({"pinless_dialin": [{"room_creation_api": NOWHERE, "hmac": ""}]}, "allowed: base64"),
        ({"pinless_dialin": [{"room_creation_url": NOWHERE}]}, "did you mean 'room_creation_api'?"),
        ({"pinless_dialin": [{"room_creation_api": NOWHERE, "timeout_config": {}}]}, "message is required"),
        ({"pinless_dialin": {}}, "properties.pinless_dialin was {}"),
        ({"lang": float("nan")}, "JSON"),
    ],
)
async def test_bad_configurations_change_nothing(side: DailySide, properties: dict[str, Any], said: str) -> None:
    before = await configure(side, pin_dialin=[{"phone_number": SECOND}], lang="de")
    body = json.dumps({"properties": {"hide_daily_branding": True, **properties}})
    assert said in await refused(side, "POST", "/", 400, content=body)
    assert (await side.api.get("/")).json()["config"] == before


async def test_other_properties_are_kept_and_null_resets(side: DailySide) -> None:
    assert await configure(side, lang="de", enable_teleportation=1) == {"lang": "de", "enable_teleportation": 1}
    assert await configure(side, lang=None) == {"enable_teleportation": 1}
    async with daily_side(unknown_properties="refuse") as strict:
        body: Any = {"properties": {"pinles_dialin": []}}
        assert "did you mean 'pinless_dialin'?" in await refused(strict, "POST", "/", 400, json=body)
        assert await configure(strict, lang="de") == {"lang": "de"}
    assert "properties is required" in await refused(side, "POST", "/", 400, json={})


@pytest.mark.parametrize("status", [200, 500])
async def test_a_new_room_creation_api_is_tried_and_stays_whatever_it_says(side: DailySide, status: int) -> None:
    async with customer(status) as (url, had):
        config = await configure(
            side,
            pinless_dialin=[{"phone_number": FIRST, "room_creation_api": url}, {"room_creation_api": url}],
        )
        assert len(config["pinless_dialin"]) == 2
        bodies = [json.loads(await request.body()) for request in had]
        assert sorted(bodies, key=len) == [{"test": "test"}, {"test": "test", "To": FIRST}]
        assert all("x-pinless-signature" in request.headers for request in had)
    outcomes = [record.fields.get("status") for record in side.timeline.records(kind="webhook")]
    assert outcomes == [status, status]


async def test_a_room_creation_api_that_is_not_there_stays_too(side: DailySide) -> None:
    config = await configure(side, pinless_dialin=[{"room_creation_api": NOWHERE}])
    assert config["pinless_dialin"][0]["room_creation_api"] == NOWHERE
    (tried,) = side.timeline.records(kind="webhook")
    assert "url" in tried.fields
    assert "ConnectError" in tried.fields["error"]


async def test_nothing_outside_this_machine_is_tried(side: DailySide) -> None:
    url = "https://webhook.example.com/create_room"
    config = await configure(side, pinless_dialin=[{"room_creation_api": url}])
    assert config["pinless_dialin"][0]["room_creation_api"] == url
    (tried,) = side.timeline.records(kind="webhook")
    assert "allow_hosts" in str(dict(tried.fields))


# --- the resource ---


async def create(side: DailySide, **body: Any) -> dict[str, Any]:
    response = await side.api.post("/domain-dialin-config", json=body)
    assert response.status_code == 200, response.text
    made: dict[str, Any] = response.json()
    return made


async def test_a_configuration_is_made_changed_and_deleted(side: DailySide) -> None:
    made = await create(side, type="pinless_dialin", phone_number=FIRST, room_creation_api=NOWHERE, name_prefix="a")
    assert sorted(made) == ["config", "id", "type"]
    path = f"/domain-dialin-config/{made['id']}"
    assert (await side.api.get(path)).json() == made
    body = {"name_prefix": "b", "phone_number": SECOND, "hold_music_url": "http://127.0.0.1:9/a.mp3"}
    changed = (await side.api.put(path, json=body)).json()
    assert changed == {**made, "config": {**made["config"], **body}}
    only_sip = (await side.api.put(path, json={"phone_number": None})).json()
    assert "phone_number" not in only_sip["config"]
    assert only_sip["config"]["sip_uri"] == made["config"]["sip_uri"]
    assert (await side.api.delete(path)).json() == {"status": "ok"}
    for method in ("GET", "DELETE"):
        assert "no dial-in configuration" in await refused(side, method, path, 404)
    assert "no dial-in configuration" in await refused(side, "PUT", path, 404, json={})


async def test_the_type_stays(side: DailySide) -> None:
    made = await create(side, type="pin_dialin", phone_number=FIRST)
    assert made["config"] == {"phone_number": FIRST, "sip_uri": None}
    path = f"/domain-dialin-config/{made['id']}"
    assert "unknown field 'type'" in await refused(side, "PUT", path, 400, json={"type": "pinless_dialin"})
    assert "phone_number is required" in await refused(side, "PUT", path, 400, json={"phone_number": None})


async def test_a_number_serves_one_configuration(side: DailySide) -> None:
    await create(side, type="pin_dialin", phone_number=FIRST)
    other = await create(side, type="pinless_dialin", phone_number=SECOND, room_creation_api=NOWHERE)
    for dialin_type in ("pin_dialin", "pinless_dialin"):
        body = {"type": dialin_type, "phone_number": FIRST, "room_creation_api": NOWHERE}
        assert "in use by the pin_dialin" in await refused(side, "POST", "/domain-dialin-config", 400, json=body)
    path = f"/domain-dialin-config/{other['id']}"
    assert "in use" in await refused(side, "PUT", path, 400, json={"phone_number": FIRST})
    assert (await side.api.get(path)).json() == other
    assert (await side.api.put(path, json={"phone_number": SECOND})).status_code == 200


async def test_configurations_are_listed_by_filters_and_in_pages(side: DailySide) -> None:
    bought = (await side.api.post("/buy-phone-number", json={"number": "+13055550142"})).json()["number"]
    one = await create(side, type="pin_dialin", phone_number=FIRST, name_prefix="front")
    two = await create(side, type="pinless_dialin", phone_number=bought, room_creation_api=NOWHERE)
    three = await create(side, type="pinless_dialin", room_creation_api=NOWHERE, name_prefix="sip")

    async def listed(**query: Any) -> list[str]:
        page = (await side.api.get("/domain-dialin-config", params=query)).json()
        assert page["total_count"] >= len(page["data"])
        return [entry["id"] for entry in page["data"]]

    assert await listed() == [three["id"], two["id"], one["id"]]
    assert await listed(limit=1) == [three["id"]]
    assert await listed(starting_after=three["id"]) == [two["id"], one["id"]]
    assert await listed(ending_before=two["id"]) == [three["id"]]
    assert await listed(phone_number=FIRST) == [one["id"]]
    assert await listed(phone_numbers="305,555010") == [two["id"], one["id"]]
    assert await listed(sip_username=three["config"]["sip_uri"].partition("@")[0]) == [three["id"]]
    assert await listed(name_prefix="front") == [one["id"]]
    assert await listed(type="pinless_dialin") == [three["id"], two["id"]]
    assert "type was 'pin'" in await refused(side, "GET", "/domain-dialin-config?type=pin", 400)


async def test_only_a_changed_room_creation_api_is_tried_again(side: DailySide) -> None:
    async with customer() as (url, had):
        made = await create(side, type="pinless_dialin", room_creation_api=url)
        path = f"/domain-dialin-config/{made['id']}"
        await side.api.put(path, json={"name_prefix": "x"})
        assert len(had) == 1
        await side.api.put(path, json={"room_creation_api": url})
        assert len(had) == 2


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "type is required"),
        ({"type": "pin"}, "type was 'pin'"),
        ({"type": "pinless_dialin"}, "room_creation_api is required"),
        ({"type": "pin_dialin"}, "phone_number is required"),
        ({"type": "pin_dialin", "phone_number": 5}, "phone_number was 5"),
        ({"type": "pin_dialin", "phone_numbers": FIRST}, "did you mean 'phone_number'?"),
    ],
)
async def test_bad_new_configurations(side: DailySide, body: dict[str, Any], said: str) -> None:
    assert said in await refused(side, "POST", "/domain-dialin-config", 400, json=body)


async def test_rooms_show_the_number_that_asks_for_codes(side: DailySide) -> None:
    async def shown(**dialin: Any) -> str:
        room = (await side.api.post("/rooms", json={"properties": {"dialin": dialin}})).json()
        number: str = room["config"]["dialin_number"]
        return number

    assert await shown() == FIRST
    await create(side, type="pinless_dialin", phone_number=FIRST, room_creation_api=NOWHERE)
    assert await shown() == "+12095038039"
    await create(side, type="pin_dialin", phone_number=SECOND)
    assert await shown() == SECOND
    assert await shown(room_numbers=[{"phone_number": "+13055550142"}]) == "+13055550142"


async def test_a_reset_brings_the_first_domain_back(side: DailySide) -> None:
    await side.api.post("/buy-phone-number")
    await configure(side, pin_dialin=[{"phone_number": FIRST}], lang="de")
    await side.site.reset()
    assert (await side.api.get("/")).json()["config"] == {}
    numbers = (await side.api.get("/purchased-phone-numbers")).json()["data"]
    assert [entry["id"] for entry in numbers] == [number_id(SECOND), number_id(FIRST)]
