"""Orders of events that no page of Daily's promises: the default, and the other one by a setting."""

from __future__ import annotations

from typing import Any

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings

CALLER, DESK = "+12065550199", "+12065550142"


def about_calls(client: Client) -> list[str]:
    """The client's events about calls, and those about telephony participants who join and leave."""
    return [
        event["action"]
        for event in client.events
        if event["action"] in ("dialin-connected", "dialin-stopped")
        or event["action"].startswith("dialout-")
        or (event["action"] in ("participant-joined", "participant-left") and "participantType" in event["participant"])
    ]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ["dialout-connected", "participant-joined", "dialout-answered", "participant-left", "dialout-stopped"]),
        (
            {"dialed_participant_joins": "answered"},
            ["dialout-connected", "dialout-answered", "participant-joined", "participant-left", "dialout-stopped"],
        ),
        (
            {"stopped_order": "stopped-first"},
            ["dialout-connected", "participant-joined", "dialout-answered", "dialout-stopped", "participant-left"],
        ),
    ],
)
async def test_of_a_dial_out(settings: dict[str, Any], expected: list[str]) -> None:
    async with FakeDaily(Settings(port=0, sip_port=0, **settings)) as daily:
        client = await daily.join(await daily.create_room(enable_dialout=True))
        phone = await daily.network.phone(DESK, calls=[{"ring_ms": 50, "then": "answer"}])
        await client.start_dialout({"phoneNumber": DESK})
        await client.wait_for("dialout-answered")
        call = await phone.wait_for_call()
        await call.hang_up()
        await client.wait_for(expected[-1])
        assert about_calls(client) == expected


@pytest.mark.parametrize(
    ("settings", "end"),
    [
        ({}, ["participant-left", "dialin-stopped"]),
        ({"stopped_order": "stopped-first"}, ["dialin-stopped", "participant-left"]),
    ],
)
async def test_of_a_dial_in(settings: dict[str, Any], end: list[str]) -> None:
    async with FakeDaily(Settings(port=0, sip_port=0, **settings)) as daily:
        room = await daily.create_room(sip={"sip_mode": "dial-in"})
        client = await daily.join(room)
        call = await (await daily.network.phone(CALLER)).dial(room.sip_uris[0])
        await client.wait_for(["dialin-connected", "participant-joined"])
        await call.hang_up()
        await client.wait_for(end[-1])
        assert about_calls(client) == ["dialin-connected", "participant-joined", *end]
