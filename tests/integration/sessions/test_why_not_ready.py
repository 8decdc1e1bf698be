"""A wait for `dialin-ready` that fails names what the room lacks."""

from __future__ import annotations

from typing import Any

import pytest

from fake_daily_server.server import FakeDaily
from simulator.errors import ExpectationFailed

NO_ENDPOINT = "room lobby has 0 SIP endpoints; give it the property `sip: {num_endpoints: 1}`"


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({}, NO_ENDPOINT),
        ({"sip": {"sip_mode": "dial-out"}}, NO_ENDPOINT),
        ({"sip": {}, "enable_dialin": False}, "the SIP endpoints of room lobby are closed"),
    ],
)
async def test_a_room_without_an_open_endpoint(fake_daily: FakeDaily, properties: dict[str, Any], reason: str) -> None:
    room = await fake_daily.create_room("lobby", **properties)
    client = await fake_daily.join(room)
    for waits in (client.wait_for("dialin-ready", within=0.05), fake_daily.wait_for("dialin-ready", within=0.05)):
        with pytest.raises(ExpectationFailed) as failed:
            await waits
        assert (failed.value.because or "").startswith(reason)


async def test_a_room_in_which_nobody_is(fake_daily: FakeDaily) -> None:
    room = await fake_daily.create_room("lobby", sip={})
    with pytest.raises(ExpectationFailed, match="nobody is in room lobby, so its SIP endpoints are not registered"):
        await fake_daily.wait_for("dialin-ready", room=room, within=0.05)


async def test_another_event_or_a_room_that_is_ready_has_no_such_reason(fake_daily: FakeDaily) -> None:
    ready = await fake_daily.join(await fake_daily.create_room("ready", sip={}))
    await fake_daily.join(await fake_daily.create_room("lobby"))
    await ready.wait_for("dialin-ready")
    await fake_daily.wait_for("dialin-ready")
    for wait in (
        ready.wait_for("dialin-ready", within=0.05),
        fake_daily.wait_for("dialin-ready", within=0.05),
        fake_daily.wait_for("dialin-connected", within=0.05),
    ):
        with pytest.raises(ExpectationFailed) as failed:
            await wait
        assert "SIP endpoints" not in (failed.value.because or "")
