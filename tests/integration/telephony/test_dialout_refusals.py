"""Refused dial-outs over REST, with real SIP: the response is always 400 or 404, and no event is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings

DESK, LONDON = "+12065550142", "+442079460018"


@asynccontextmanager
async def live_room(settings: dict[str, Any], properties: dict[str, Any]) -> AsyncIterator[tuple[FakeDaily, Client]]:
    """A server with these settings, a live room `demo`, and a phone that rings and waits."""
    async with FakeDaily(Settings(port=0, sip_port=0, **settings)) as daily:
        await daily.create_room("demo", **{"enable_dialout": True, **properties})
        await daily.network.phone(DESK, calls=["wait"] * 8)
        yield daily, await daily.join("demo")


async def start(daily: FakeDaily, **body: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {daily.api_key}"}
    async with httpx.AsyncClient(base_url=daily.api_url, headers=headers, trust_env=False) as api:
        return await api.post("/rooms/demo/dialOut/start", json=body)


def dialout_events(client: Client) -> list[str]:
    return [event["action"] for event in client.events if event["action"].startswith("dialout")]


@pytest.mark.parametrize(
    ("settings", "properties", "body", "expected"),
    [
        ({}, {"enable_dialout": False}, {"phoneNumber": DESK}, "enable_dialout"),
        ({"phone_dialout": "off"}, {}, {"phoneNumber": DESK}, "NOT_ALLOWED: this domain may not dial phone numbers"),
        ({"phone_dialout": "off"}, {}, {"phoneNumber": LONDON}, "allow_dialout"),
        ({"phone_dialout": "domestic"}, {}, {"phoneNumber": LONDON}, "may not dial international numbers"),
        ({}, {}, {"phoneNumber": DESK, "callerId": LONDON}, "is not a number of this domain; allowed: +14155550100"),
        (
            {},
            {},
            {"phoneNumber": DESK, "callerId": "d61cd7b2-a273-42b4-89bd-be763fd562c1"},
            "callerId 'd61cd7b2-a273-42b4-89bd-be763fd562c1' is not a number of this domain",
        ),
        ({"max_sip_pstn_sessions_per_room": 0}, {}, {"phoneNumber": DESK}, "max_sip_pstn_sessions_per_room is 0"),
        ({}, {"sip": {"num_endpoints": 5}}, {"sipUri": "sip:a@127.0.0.1"}, "uses 5 (5 SIP endpoints)"),
    ],
)
async def test_refused_dial_outs_are_400_without_an_event(
    settings: dict[str, Any], properties: dict[str, Any], body: dict[str, Any], expected: str
) -> None:
    async with live_room(settings, properties) as (daily, client):
        response = await start(daily, **body)
        assert (response.status_code, response.json()["error"]) == (400, "invalid-request-error")
        assert expected in response.json()["info"]
        assert dialout_events(client) == []


async def test_sip_targets_need_no_approval() -> None:
    async with live_room({"phone_dialout": "off"}, {}) as (daily, client):
        await daily.network.phone(uri="sip:bob@example.com")
        assert (await start(daily, sipUri="sip:bob@example.com")).status_code == 200
        await client.wait_for("dialout-answered")


async def test_domestic_numbers_can_be_dialled_with_domestic_approval() -> None:
    async with live_room({"phone_dialout": "domestic"}, {}) as (daily, client):
        assert (await start(daily, phoneNumber=DESK)).status_code == 200
        await client.wait_for("dialout-connected")


async def test_a_second_dial_out_is_refused_without_concurrent_dialouts() -> None:
    async with live_room({"concurrent_dialouts": False}, {}) as (daily, client):
        first = await start(daily, phoneNumber=DESK)
        await client.wait_for("dialout-connected")
        second = await start(daily, phoneNumber=DESK)
        assert (second.status_code, second.json()["error"]) == (400, "invalid-request-error")
        assert second.json()["info"].startswith(f"DIALOUT_IN_PROGRESS: session {first.json()['sessionId']}")
        assert dialout_events(client) == ["dialout-connected"]


async def test_a_dial_out_is_refused_when_no_sip_worker_is_free() -> None:
    async with live_room({"most_gateway_workers": 1}, {}) as (daily, client):
        for _ in range(4):
            assert (await start(daily, phoneNumber=DESK)).status_code == 200
            await client.wait_for("dialout-connected")
        fifth = await start(daily, phoneNumber=DESK)
        assert (fifth.status_code, fifth.json()["error"]) == (400, "invalid-request-error")
        assert fifth.json()["info"].startswith("TEMPORARILY_NOT_AVAILABLE")
        assert dialout_events(client) == ["dialout-connected"] * 4


async def test_a_domain_without_numbers_cannot_dial_phones() -> None:
    async with live_room({}, {}) as (daily, client):
        for owned in daily.site.domain.numbers.all:
            daily.site.domain.release_number(owned.id)
        response = await start(daily, phoneNumber=DESK)
        assert response.status_code == 400
        assert "has no phone number to call from" in response.json()["info"]
        assert dialout_events(client) == []


async def test_an_empty_room_cannot_dial_out() -> None:
    async with live_room({}, {}) as (daily, client):
        await client.leave()
        response = await start(daily, phoneNumber=DESK)
        assert (response.status_code, response.json()["error"]) == (404, "not-found")
        assert "has no call" in response.json()["info"]


async def test_digits_and_stop_need_a_call_that_is_going_on() -> None:
    async with live_room({}, {}) as (daily, client):
        headers = {"Authorization": f"Bearer {daily.api_key}"}
        async with httpx.AsyncClient(base_url=f"{daily.api_url}/rooms/demo", headers=headers, trust_env=False) as api:
            session_id = (await start(daily, phoneNumber=DESK)).json()["sessionId"]
            digits = {"sessionId": session_id, "tones": "1"}
            early = await api.post("/dialOut/sendDTMF", json=digits)
            assert (early.status_code, early.json()["error"]) == (400, "invalid-request-error")
            assert "it has no media yet" in early.json()["info"]
            assert (await api.post("/dialOut/stop", json={"sessionId": session_id})).json() == {"ok": True}
            await client.wait_for("dialout-stopped")
            for verb, body in (("sendDTMF", digits), ("stop", {"sessionId": session_id})):
                late = await api.post(f"/dialOut/{verb}", json=body)
                assert (late.status_code, late.json()["error"]) == (404, "not-found")
                assert late.json()["info"].startswith(f"NOT_FOUND: no telephony session {session_id!r}")
            await client.leave()
            empty = await api.post("/dialOut/sendDTMF", json=digits)
            assert (empty.status_code, empty.json()["error"]) == (404, "not-found")
            assert "has no call" in empty.json()["info"]


async def test_a_plan_without_dial_out_refuses_enable_dialout() -> None:
    async with FakeDaily(Settings(port=0, sip_port=0, dialout_in_plan=False)) as daily:
        headers = {"Authorization": f"Bearer {daily.api_key}"}
        async with httpx.AsyncClient(base_url=daily.api_url, headers=headers, trust_env=False) as api:
            refused = await api.post("/rooms", json={"name": "a", "properties": {"enable_dialout": True}})
            assert (refused.status_code, refused.json()["error"]) == (400, "invalid-request-error")
            assert "the plan of this domain has no dial-out" in refused.json()["info"]
            assert (await api.post("/rooms", json={"name": "a"})).status_code == 200
            changed = await api.post("/rooms/a", json={"properties": {"enable_dialout": True}})
            assert changed.status_code == 400


async def test_enable_dialout_can_be_set_on_a_live_room() -> None:
    async with live_room({}, {"enable_dialout": False}) as (daily, client):
        assert (await start(daily, phoneNumber=DESK)).json()["info"].startswith("NOT_ALLOWED: ")
        headers = {"Authorization": f"Bearer {daily.api_key}"}
        async with httpx.AsyncClient(base_url=daily.api_url, headers=headers, trust_env=False) as api:
            changed = await api.post("/rooms/demo", json={"properties": {"enable_dialout": True}})
        assert changed.json()["config"] == {"enable_dialout": True}
        assert (await start(daily, phoneNumber=DESK)).status_code == 200
        await client.wait_for("dialout-connected")
