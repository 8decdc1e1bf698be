"""Creating, listing, changing and deleting rooms over REST."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from tests.daily_side import DailySide, daily_side


async def refused(side: DailySide, method: str, path: str, status: int, error: str, **request: Any) -> str:
    response = await side.api.request(method, path, **request)
    assert response.status_code == status, response.text
    body = response.json()
    assert set(body) >= {"error", "info"}
    assert body["error"] == error
    info: str = body["info"]
    return info


async def test_a_room_without_properties_has_a_random_name_and_an_empty_config(side: DailySide) -> None:
    response = await side.api.post("/rooms")
    room = response.json()
    assert response.status_code == 200
    assert re.fullmatch(r"[A-Za-z0-9]{20}", room["name"])
    assert room["url"] == f"{side.url}/{room['name']}"
    assert room["api_created"] is True
    assert room["privacy"] == "public"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", room["created_at"])
    assert room["config"] == {}
    assert (await side.api.get(f"/rooms/{room['name']}")).json() == room


async def test_a_request_of_pipecat_creates_a_room_that_pipecat_can_parse(side: DailySide) -> None:
    exp = time.time() + 3600.25
    sip = {
        "display_name": "sw-sip-dialin",
        "video": False,
        "sip_mode": "dial-in",
        "num_endpoints": 2,
        "provider": "daily",
    }
    flags = {"enable_chat": False, "enable_prejoin_ui": False, "enable_emoji_reactions": False}
    flags |= {"eject_at_room_exp": False, "start_video_off": False}
    body = {"name": "bot", "privacy": "public", "properties": {**flags, "exp": exp, "sip": sip}}
    room = (await side.api.post("/rooms", json=body)).json()
    assert {"id", "name", "api_created", "privacy", "url", "created_at", "config"} <= set(room)
    assert room["config"] == {
        "exp": exp,
        "enable_prejoin_ui": False,
        "enable_emoji_reactions": False,
        "sip": sip,
        "sip_uri": {
            "endpoint": "sip:bot.0@127.0.0.1:5060",
            "extra_endpoints": ["sip:bot.1@127.0.0.1:5060"],
        },
    }


async def test_the_config_of_a_room_can_be_sent_back(side: DailySide) -> None:
    wanted = {"sip": {"num_endpoints": 2}, "dialin": {"display_name": "Caller"}, "enable_dialout": True}
    room = (await side.api.post("/rooms", json={"properties": wanted})).json()
    assert room["config"].keys() >= {"sip_uri", "dialin_code", "dialin_number"}
    again = await side.api.post(f"/rooms/{room['name']}", json={"properties": room["config"]})
    assert again.json()["config"] == room["config"]
    other = (await side.api.post("/rooms", json={"properties": room["config"]})).json()
    assert other["config"]["dialin_code"] != room["config"]["dialin_code"]
    assert other["config"]["sip_uri"]["endpoint"].startswith(f"sip:{other['name']}.0@")


async def test_read_only_fields_of_config_are_ignored(side: DailySide) -> None:
    made_up = {
        "sip_uri": {"endpoint": "sip:elsewhere@example.com"},
        "dialin_code": "1",
        "dialin_number": "+12065550199",
    }
    room = (await side.api.post("/rooms", json={"name": "plain", "properties": made_up})).json()
    assert room["config"] == {}
    changed = await side.api.post("/rooms/plain", json={"properties": {**made_up, "enable_dialin": True}})
    assert changed.json()["config"].keys() == {"enable_dialin", "sip_uri"}
    assert changed.json()["config"]["sip_uri"]["endpoint"].startswith("sip:plain.0@")


async def test_the_prefix_of_sip_uris_can_be_left_out() -> None:
    async with daily_side(sip_uri_prefix="") as side:
        room = (await side.api.post("/rooms", json={"name": "a", "properties": {"sip": {}}})).json()
        assert room["config"]["sip_uri"] == {"endpoint": "a.0@127.0.0.1:5060"}


async def test_pin_dial_in_has_a_code_that_does_not_change(side: DailySide) -> None:
    body = {"name": "pin", "properties": {"dialin": {"display_name": "Caller", "wait_for_meeting_start": True}}}
    config = (await side.api.post("/rooms", json=body)).json()["config"]
    assert re.fullmatch(r"\d{11}", config["dialin_code"])
    assert config["dialin_number"] == "+14155550100"
    assert (await side.api.get("/rooms/pin")).json()["config"] == config


async def test_an_update_sets_properties_and_null_resets_them(side: DailySide) -> None:
    await side.api.post("/rooms", json={"name": "a", "properties": {"sip": {}, "enable_dialout": True}})
    changed = await side.api.post(
        "/rooms/a", json={"privacy": "private", "properties": {"sip": None, "max_participants": 3}}
    )
    assert changed.json()["privacy"] == "private"
    assert changed.json()["config"] == {"enable_dialout": True, "max_participants": 3}
    reset = await side.api.post("/rooms/a", json={"properties": {"enable_dialout": None}})
    assert reset.json()["config"] == {"max_participants": 3}


async def test_a_room_can_be_deleted_once(side: DailySide) -> None:
    await side.api.post("/rooms", json={"name": "a"})
    deleted = await side.api.delete("/rooms/a")
    assert (deleted.status_code, deleted.json()) == (200, {"deleted": True, "name": "a"})
    assert await refused(side, "DELETE", "/rooms/a", 404, "not-found") == "room a not found"


async def test_an_expired_room_counts_as_deleted(side: DailySide) -> None:
    side.room("old", exp=side.clock() + 60)
    side.clock.ahead = 61
    assert "expired" in await refused(side, "GET", "/rooms/old", 404, "not-found")
    assert (await side.api.get("/rooms")).json() == {"total_count": 0, "data": []}
    gone = await side.api.delete("/rooms/old")
    assert gone.status_code == 404
    assert gone.json()["deleted"] is True
    assert (await side.api.post("/rooms", json={"name": "old"})).status_code == 200


async def test_lists_are_newest_first_and_paged(side: DailySide) -> None:
    rooms = [side.room(f"r{number}") for number in range(5)]
    whole = (await side.api.get("/rooms")).json()
    assert whole["total_count"] == 5
    assert [room["name"] for room in whole["data"]] == ["r4", "r3", "r2", "r1", "r0"]

    async def names(**query: Any) -> list[str]:
        page = (await side.api.get("/rooms", params=query)).json()
        assert page["total_count"] == 5
        return [room["name"] for room in page["data"]]

    assert await names(limit=2) == ["r4", "r3"]
    assert await names(limit=2, starting_after=rooms[3].id) == ["r2", "r1"]
    assert await names(limit=2, ending_before=rooms[0].id) == ["r2", "r1"]
    assert await names(limit=2, ending_before="OLDEST") == ["r1", "r0"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"limit": 101}, "limit: '101' is not usable; allowed: less than or equal to 100"),
        ({"limit": "x"}, "limit: 'x'"),
        ({"starting_after": "zork"}, "starting_after was 'zork'"),
        ({"ending_befor": "x"}, "did you mean 'ending_before'?"),
    ],
)
async def test_invalid_paging_is_refused(side: DailySide, query: dict[str, Any], expected: str) -> None:
    assert expected in await refused(side, "GET", "/rooms", 400, "invalid-request-error", params=query)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"name": "com espaço"}, "com espaço contains invalid characters (room names can contain A-Z, a-z"),
        ({"name": ""}, "name was empty"),
        ({"name": "x" * 129}, "of 129 characters but may have at most 128"),
        ({"name": "v1"}, "name was 'v1', which is reserved for a path of this server"),
        ({"name": "taken"}, "a room named taken already exists"),
        ({"name": 7}, "name: 7 is not usable; allowed: a text"),
        ({"nam": "x"}, "unknown field 'nam'; did you mean 'name'?"),
        ({"privacy": "secret"}, "privacy: 'secret' is not usable; allowed: 'public' or 'private'"),
        ({"properties": {"exp": "soon"}}, "properties.exp: 'soon'"),
        ({"properties": {"exp": 1}}, "exp was '1', which is in the past rather than in the future"),
        ({"properties": {"max_participants": 201}}, "max_participants was 201 but this domain allows at most 200"),
        ({"properties": {"enable_dialout": "yes"}}, "properties.enable_dialout: 'yes' is not usable"),
        ({"properties": {"sip": {"num_endpoints": 6}}}, "properties.sip.num_endpoints: 6"),
        ({"properties": {"sip": {"codecs": {"audio": ["MP3"]}}}}, "'OPUS', 'G722', 'PCMU' or 'PCMA'"),
        ({"properties": {"sip": {"codecs": {"audoi": []}}}}, "did you mean 'audio'?"),
        ({"properties": {"dialin": {"room_numbers": [{"phone_number": "12"}]}}}, "phone_number"),
        ({"properties": {"dialin": {}, "exp": time.time() + 366 * 86400}}, "less than 365 days"),
        ([], "the body: [] is not usable; allowed: a JSON object"),
    ],
)
async def test_invalid_rooms_are_refused(side: DailySide, body: Any, expected: str) -> None:
    side.room("taken")
    assert expected in await refused(side, "POST", "/rooms", 400, "invalid-request-error", json=body)
    assert list(side.store.rooms) == ["taken"]


@pytest.mark.parametrize("value", ["NaN", "1e999", r'"\ud800"', '{"deep": -Infinity}'])
async def test_values_that_json_cannot_express_are_refused(side: DailySide, value: str) -> None:
    body = f'{{"name": "a", "properties": {{"new_property": {value}}}}}'
    await refused(side, "POST", "/rooms", 400, "invalid-request-error", content=body)
    assert (await side.api.get("/rooms")).json()["data"] == []


async def test_an_invalid_update_changes_nothing(side: DailySide) -> None:
    side.room("a", max_participants=4)
    info = await refused(
        side,
        "POST",
        "/rooms/a",
        400,
        "invalid-request-error",
        json={"privacy": "private", "properties": {"max_participants": 0}},
    )
    assert "max_participants: 0" in info
    room = (await side.api.get("/rooms/a")).json()
    assert (room["privacy"], room["config"]) == ("public", {"max_participants": 4})


async def test_other_properties_can_change_without_exp_being_checked_again(side: DailySide) -> None:
    room = side.room("a", exp=side.clock() + 100)
    changed = await side.api.post("/rooms/a", json={"properties": {"enable_chat": True}})
    assert changed.json()["config"] == {"exp": room.properties.exp, "enable_chat": True}


async def test_unknown_properties_are_kept_and_can_be_refused(side: DailySide) -> None:
    body = {"name": "a", "properties": {"enable_teleportation": {"range": 3}}}
    assert (await side.api.post("/rooms", json=body)).json()["config"] == body["properties"]
    async with daily_side(unknown_properties="refuse") as strict:
        body = {"properties": {"enable_dialuot": True}}
        info = await refused(strict, "POST", "/rooms", 400, "invalid-request-error", json=body)
        assert info == "unknown property 'enable_dialuot'; did you mean 'enable_dialout'?"


@pytest.mark.parametrize("path", ["/v1", "/v1/"])
async def test_the_domain_is_shown_with_and_without_a_trailing_slash(side: DailySide, path: str) -> None:
    settings = side.store.settings
    assert (await side.api.get(side.url + path)).json() == {
        "domain_name": "sandbox",
        "domain_id": settings.domain_id,
        "config": {},
    }
