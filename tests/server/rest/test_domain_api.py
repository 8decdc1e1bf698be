"""The domain's properties and its dial-in configurations over REST."""

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
from tests.server.rest.refusals import refused

FIRST, SECOND = "+14155550100", "+14155550101"
NOWHERE = "http://127.0.0.1:9/call"
SECRET = base64.b64encode(b"a secret that the customer chose").decode()


@asynccontextmanager
async def customer(status: int = 200) -> AsyncIterator[tuple[str, list[Request]]]:
    """A customer's server: its URL, and the requests that it has received, with their bodies read."""
    received: list[Request] = []
    app = FastAPI()

    @app.post("/call")
    async def call(request: Request) -> Response:
        await request.body()
        received.append(request)
        return Response(status_code=status)

    with HttpServer("127.0.0.1", 0) as server:
        async with server.serving(app):
            yield f"http://127.0.0.1:{server.port}/call", received


async def configure(side: DailySide, **properties: Any) -> dict[str, Any]:
    response = await side.api.post("/", json={"properties": properties})
    assert response.status_code == 200, response.text
    config: dict[str, Any] = response.json()["config"]
    assert (await side.api.get("/")).json()["config"] == config
    return config


async def test_pinless_and_pin_dial_in_are_set_and_shown(side: DailySide) -> None:
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


async def test_an_array_is_replaced_whole_and_the_other_one_is_kept(side: DailySide) -> None:
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


async def test_the_arrays_and_the_resource_show_the_same_configurations(side: DailySide) -> None:
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
    ("properties", "expected"),
    [
        ({"pinless_dialin": [{"phone_number": FIRST}]}, "room_creation_api is required for pinless_dialin"),
        ({"pin_dialin": [{"name_prefix": "x"}]}, "phone_number is required for pin_dialin"),
        ({"pin_dialin": [{"phone_number": "+12065550142"}]}, "+12065550142 is not a number of this domain; allowed:"),
        ({"pin_dialin": [{"phone_number": "4155550100"}]}, "'4155550100'"),
        ({"pin_dialin": [{"phone_number": FIRST}, {"phone_number": FIRST}]}, "in use by the pin_dialin"),
        ({"pinless_dialin": [{"room_creation_api": "ftp://x/"}]}, "'ftp://x/' is not usable; allowed: http://host"),
        (
            {"pinless_dialin": [{"room_creation_api": "http://x:99999/"}]},
            "'http://x:99999/' is not usable; allowed: http://host",
        ),
        ({"pinless_dialin": [{"room_creation_api": NOWHERE, "hmac": "not base64!"}]}, "allowed: base64"),
        ({"pinless_dialin": [{"room_creation_api": NOWHERE, "hmac": ""}]}, "allowed: base64"),
        ({"pinless_dialin": [{"room_creation_url": NOWHERE}]}, "did you mean 'room_creation_api'?"),
        ({"pinless_dialin": [{"room_creation_api": NOWHERE, "timeout_config": {}}]}, "message is required"),
        ({"pinless_dialin": {}}, "properties.pinless_dialin: {}"),
        ({"lang": float("nan")}, "JSON"),
    ],
)
async def test_invalid_configurations_change_nothing(
    side: DailySide, properties: dict[str, Any], expected: str
) -> None:
    before = await configure(side, pin_dialin=[{"phone_number": SECOND}], lang="de")
    body = json.dumps({"properties": {"hide_daily_branding": True, **properties}})
    assert expected in await refused(side, "POST", "/", 400, content=body)
    assert (await side.api.get("/")).json()["config"] == before


async def test_other_properties_are_stored_and_null_resets_them(side: DailySide) -> None:
    assert await configure(side, lang="de", enable_teleportation=1) == {"lang": "de", "enable_teleportation": 1}
    assert await configure(side, lang=None) == {"enable_teleportation": 1}
    async with daily_side(unknown_properties="refuse") as strict:
        body: Any = {"properties": {"pinles_dialin": []}}
        assert "did you mean 'pinless_dialin'?" in await refused(strict, "POST", "/", 400, json=body)
        assert await configure(strict, lang="de") == {"lang": "de"}
    assert "properties is required" in await refused(side, "POST", "/", 400, json={})


@pytest.mark.parametrize("status", [200, 500])
async def test_a_new_room_creation_api_is_probed_and_kept_whatever_it_answers(side: DailySide, status: int) -> None:
    async with customer(status) as (url, received):
        config = await configure(
            side,
            pinless_dialin=[{"phone_number": FIRST, "room_creation_api": url}, {"room_creation_api": url}],
        )
        assert len(config["pinless_dialin"]) == 2
        bodies = [json.loads(await request.body()) for request in received]
        assert sorted(bodies, key=len) == [{"test": "test"}, {"test": "test", "To": FIRST}]
        assert all("x-pinless-signature" in request.headers for request in received)
    outcomes = [record.fields.get("status") for record in side.timeline.records(kind="webhook")]
    assert outcomes == [status, status]


async def test_an_unreachable_room_creation_api_is_kept_too(side: DailySide) -> None:
    config = await configure(side, pinless_dialin=[{"room_creation_api": NOWHERE}])
    assert config["pinless_dialin"][0]["room_creation_api"] == NOWHERE
    (probe,) = side.timeline.records(kind="webhook")
    assert "url" in probe.fields
    assert "ConnectError" in probe.fields["error"]


async def test_hosts_outside_this_machine_are_not_probed(side: DailySide) -> None:
    url = "https://webhook.example.com/create_room"
    config = await configure(side, pinless_dialin=[{"room_creation_api": url}])
    assert config["pinless_dialin"][0]["room_creation_api"] == url
    (probe,) = side.timeline.records(kind="webhook")
    assert "allow_hosts" in str(dict(probe.fields))


# --- the resource ---


async def create(side: DailySide, **body: Any) -> dict[str, Any]:
    response = await side.api.post("/domain-dialin-config", json=body)
    assert response.status_code == 200, response.text
    created: dict[str, Any] = response.json()
    return created


async def test_a_configuration_is_created_changed_and_deleted(side: DailySide) -> None:
    created = await create(side, type="pinless_dialin", phone_number=FIRST, room_creation_api=NOWHERE, name_prefix="a")
    assert sorted(created) == ["config", "id", "type"]
    path = f"/domain-dialin-config/{created['id']}"
    assert (await side.api.get(path)).json() == created
    body = {"name_prefix": "b", "phone_number": SECOND, "hold_music_url": "http://127.0.0.1:9/a.mp3"}
    changed = (await side.api.put(path, json=body)).json()
    assert changed == {**created, "config": {**created["config"], **body}}
    only_sip = (await side.api.put(path, json={"phone_number": None})).json()
    assert "phone_number" not in only_sip["config"]
    assert only_sip["config"]["sip_uri"] == created["config"]["sip_uri"]
    assert (await side.api.delete(path)).json() == {"status": "ok"}
    for method in ("GET", "DELETE"):
        assert "no dial-in configuration" in await refused(side, method, path, 404)
    assert "no dial-in configuration" in await refused(side, "PUT", path, 404, json={})


async def test_the_type_of_a_configuration_cannot_change(side: DailySide) -> None:
    created = await create(side, type="pin_dialin", phone_number=FIRST)
    assert created["config"] == {"phone_number": FIRST, "sip_uri": None}
    path = f"/domain-dialin-config/{created['id']}"
    assert "unknown field 'type'" in await refused(side, "PUT", path, 400, json={"type": "pinless_dialin"})
    assert "phone_number is required" in await refused(side, "PUT", path, 400, json={"phone_number": None})


async def test_a_number_can_have_one_configuration_only(side: DailySide) -> None:
    await create(side, type="pin_dialin", phone_number=FIRST)
    other = await create(side, type="pinless_dialin", phone_number=SECOND, room_creation_api=NOWHERE)
    for dialin_type in ("pin_dialin", "pinless_dialin"):
        body = {"type": dialin_type, "phone_number": FIRST, "room_creation_api": NOWHERE}
        assert "in use by the pin_dialin" in await refused(side, "POST", "/domain-dialin-config", 400, json=body)
    path = f"/domain-dialin-config/{other['id']}"
    assert "in use" in await refused(side, "PUT", path, 400, json={"phone_number": FIRST})
    assert (await side.api.get(path)).json() == other
    assert (await side.api.put(path, json={"phone_number": SECOND})).status_code == 200


async def test_configurations_are_filtered_and_paged(side: DailySide) -> None:
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
    assert "type: 'pin'" in await refused(side, "GET", "/domain-dialin-config?type=pin", 400)


async def test_a_room_creation_api_is_probed_again_only_when_it_is_set(side: DailySide) -> None:
    async with customer() as (url, received):
        created = await create(side, type="pinless_dialin", room_creation_api=url)
        path = f"/domain-dialin-config/{created['id']}"
        await side.api.put(path, json={"name_prefix": "x"})
        assert len(received) == 1
        await side.api.put(path, json={"room_creation_api": url})
        assert len(received) == 2


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, "type is required"),
        ({"type": "pin"}, "type: 'pin'"),
        ({"type": "pinless_dialin"}, "room_creation_api is required"),
        ({"type": "pin_dialin"}, "phone_number is required"),
        ({"type": "pin_dialin", "phone_number": 5}, "phone_number: 5"),
        ({"type": "pin_dialin", "phone_numbers": FIRST}, "did you mean 'phone_number'?"),
    ],
)
async def test_invalid_new_configurations_are_refused(side: DailySide, body: dict[str, Any], expected: str) -> None:
    assert expected in await refused(side, "POST", "/domain-dialin-config", 400, json=body)


async def test_rooms_show_the_number_that_has_pin_dial_in(side: DailySide) -> None:
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


async def test_a_reset_restores_the_domain_of_the_start(side: DailySide) -> None:
    await side.api.post("/buy-phone-number")
    await configure(side, pin_dialin=[{"phone_number": FIRST}], lang="de")
    await side.site.reset()
    assert (await side.api.get("/")).json()["config"] == {}
    numbers = (await side.api.get("/purchased-phone-numbers")).json()["data"]
    assert [entry["id"] for entry in numbers] == [number_id(SECOND), number_id(FIRST)]
