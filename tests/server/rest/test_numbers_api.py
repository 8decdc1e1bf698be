"""Searching, buying, listing and releasing phone numbers over REST."""

from __future__ import annotations

import re
from typing import Any

import pytest

from fake_daily_server.values.ids import number_id
from tests.daily_side import DailySide, daily_side
from tests.server.rest.refusals import refused

DAY = 24 * 3600
OWN = ("+14155550100", "+14155550101")


async def available(side: DailySide, **query: str) -> list[str]:
    page = (await side.api.get("/list-available-numbers", params=query)).json()
    assert page["total_count"] == len(page["data"])
    for entry in page["data"]:
        assert entry["number"] == entry["phoneNumber"]
        assert re.fullmatch(r"\+1\d{10}", entry["number"])
        assert re.fullmatch(r"[A-Z]{2}", entry["region"])
    return [entry["number"] for entry in page["data"]]


async def purchased(side: DailySide, **query: Any) -> list[str]:
    page = (await side.api.get("/purchased-phone-numbers", params=query)).json()
    return [entry["number"] for entry in page["data"]]


async def test_the_numbers_of_the_settings_are_purchased(side: DailySide) -> None:
    page = (await side.api.get("/purchased-phone-numbers")).json()
    assert page["total_count"] == 2
    assert page["data"][1] == {
        "id": number_id("+14155550100"),
        "number": "+14155550100",
        "name": None,
        "type": "purchased_phone_number",
        "status": "verified",
        "verified": True,
        "created_date": "Mon, 19 Aug 2024 18:50:34 +0000",
    }
    assert await purchased(side, limit=1) == ["+14155550101"]
    assert await purchased(side, starting_after=number_id("+14155550101")) == ["+14155550100"]
    assert await purchased(side, ending_before=number_id("+14155550100")) == ["+14155550101"]
    assert await purchased(side, filter_number="0101") == ["+14155550101"]
    assert await purchased(side, filter_name="Acme") == []
    assert "not the id of an entry" in await refused(side, "GET", "/purchased-phone-numbers?starting_after=zork", 400)


async def test_available_numbers_are_searched_by_filters(side: DailySide) -> None:
    miami = await available(side, areacode="305")
    assert miami[0] == "+13055550100"
    assert len(miami) == 100
    assert await available(side, region="fl") == miami
    assert await available(side, region="FL", city="miami") == miami
    assert await available(side, region="FL", city="Boston") == []
    assert await available(side, areacode="999") == []
    assert await available(side, areacode="305", ends_with="0142") == ["+13055550142"]
    assert await available(side, contains="550142", region="FL") == ["+13055550142"]
    assert await available(side, starts_with="305555") == miami
    assert len(await available(side)) == 100
    assert OWN[0] not in await available(side, areacode="415")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("areacode=30", "areacode: '30'"),
        ("areacode=030", "areacode: '030'"),
        ("region=Florida", "region: 'Florida'"),
        ("region=FL&areacode=305", "region cannot be used together with areacode"),
        ("city=Miami", "city requires region"),
        ("city=Miami&areacode=305", "city cannot be used together with areacode"),
        ("city=Miami&region=FL&starts_with=305", "city cannot be used together with starts_with"),
        ("city=Miami&region=FL&contains=305", "city cannot be used together with contains"),
        ("city=Miami&region=FL&ends_with=305", "city cannot be used together with ends_with"),
        ("starts_with=305&contains=305", "starts_with cannot be used together with contains"),
        ("starts_with=305&ends_with=305", "starts_with cannot be used together with ends_with"),
        ("ends_with=305&contains=305", "ends_with cannot be used together with contains"),
        ("contains=30", "contains: '30'"),
        ("contains=12345678", "contains: '12345678'"),
        ("ends_with=abc", "ends_with: 'abc'"),
        ("area_code=305", "did you mean 'areacode'?"),
    ],
)
async def test_invalid_searches_are_refused(side: DailySide, query: str, expected: str) -> None:
    assert expected in await refused(side, "GET", f"/list-available-numbers?{query}", 400)


async def test_a_bought_number_can_be_the_caller_id_of_a_dial_out(side: DailySide) -> None:
    bought = (await side.api.post("/buy-phone-number", json={"number": "+13055550142"})).json()
    assert bought == {"id": number_id("+13055550142"), "number": "+13055550142"}
    assert (await purchased(side))[0] == "+13055550142"
    assert "+13055550142" not in await available(side, areacode="305")
    for wanted in bought.values():
        assert side.site.domain.numbers.caller_number(wanted) == "+13055550142"
    assert side.site.domain.numbers.caller_number(None) == OWN[0]


async def test_without_a_number_a_californian_one_is_bought(side: DailySide) -> None:
    for _ in range(3):
        assert (await side.api.post("/buy-phone-number")).json()["number"].startswith("+1415555")
    assert len(set(await purchased(side))) == 5


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"number": OWN[0]}, "is not available: this domain has purchased it; choose another"),
        ({"number": "+442079460018"}, "is not available: only +1 numbers"),
        ({"number": "3055550142"}, "'3055550142'"),
        ({"number": "+1305"}, "'+1305'"),
        ({"number": 13055550142}, "number: 13055550142"),
        ({"phoneNumber": "+13055550142"}, "unknown field 'phoneNumber'"),
    ],
)
async def test_taken_foreign_and_malformed_numbers_cannot_be_bought(
    side: DailySide, body: dict[str, Any], expected: str
) -> None:
    assert expected in await refused(side, "POST", "/buy-phone-number", 400, json=body)
    assert len(await purchased(side)) == 2


async def test_a_number_cannot_be_released_for_14_days(side: DailySide) -> None:
    bought = (await side.api.post("/buy-phone-number")).json()
    path = f"/release-phone-number/{bought['id']}"
    side.clock.ahead = 14 * DAY - 60
    assert "14 days after its purchase" in await refused(side, "DELETE", path, 400)
    side.clock.ahead = 14 * DAY + 1
    released = await side.api.delete(path)
    assert (released.status_code, released.json()) == (200, {"deleted": True, "id": bought["id"], "status": "ok"})
    assert bought["number"] not in await purchased(side)
    assert "no purchased number has the id" in await refused(side, "DELETE", path, 404)
    assert bought["number"] in await available(side, areacode="415")


async def test_releasing_a_number_deletes_its_dial_in_configuration(side: DailySide) -> None:
    body = {"type": "pin_dialin", "phone_number": OWN[0]}
    await side.api.post("/domain-dialin-config", json=body)
    await side.api.delete(f"/release-phone-number/{number_id(OWN[0])}")
    assert side.site.domain.dialin_configs.pin_for_number(OWN[0]) is None
    assert (await side.api.get("/domain-dialin-config")).json() == {"total_count": 0, "data": []}


async def test_search_and_purchase_fail_when_the_vendor_is_down() -> None:
    async with daily_side(number_vendor="down") as side:
        for response in (await side.api.get("/list-available-numbers"), await side.api.post("/buy-phone-number")):
            assert (response.status_code, response.json()["error"]) == (500, "vendor-unavailable")
        assert len(await purchased(side)) == 2
