"""Settings of a running server: `FakeDaily.reset(…)`, and /_sim."""

from __future__ import annotations

import pytest

from fake_daily_server.server import FakeDaily
from fake_daily_server.sync import SyncFakeDaily
from simulator.errors import ConfigurationError
from simulator.network import Network
from tests.integration.control.sim import Sim

NUMBER = "+12065550142"


async def test_settings_of_a_reset_hold_for_calls_until_the_next_reset(
    fake_daily: FakeDaily, phone_network: Network
) -> None:
    before = fake_daily.settings
    await fake_daily.reset(ring_timeout=0.2)
    await phone_network.phone(NUMBER, calls=["no_answer"])
    room = await fake_daily.create_room(enable_dialout=True)
    client = await fake_daily.join(room)
    await client.start_dialout(phoneNumber=NUMBER)
    await client.wait_for("dialout-stopped", within=3)

    await fake_daily.reset()
    assert fake_daily.settings is before
    assert fake_daily.rooms.find(room.name) is None
    caller = await phone_network.phone(NUMBER)
    room = await fake_daily.create_room(sip={"sip_mode": "dial-in", "display_name": "Caller"})
    client = await fake_daily.join(room)
    await caller.dial(room.sip_uris[0])
    assert (await client.wait_for("dialin-connected"))["sessionId"]


async def test_rest_requests_see_the_settings_of_a_reset(fake_daily: FakeDaily, sim: Sim) -> None:
    await fake_daily.reset(max_participants=3)
    refused = sim.http.post("/v1/rooms", json={"properties": {"max_participants": 4}})
    assert refused.status_code == 400
    assert "at most 3" in refused.text or "3" in refused.json()["info"]


async def test_a_setting_that_cannot_change_leaves_everything_as_it_was(fake_daily: FakeDaily) -> None:
    room = await fake_daily.create_room()
    for mistake in ({"port": 1}, {"ring_timout": 1}, {"ring_timeout": "soon"}):
        with pytest.raises(ConfigurationError, match=next(iter(mistake))):
            await fake_daily.reset(**mistake)
    assert fake_daily.rooms.get(room.name)


def test_the_blocking_form_takes_settings(sync_fake_daily: SyncFakeDaily) -> None:
    sync_fake_daily.reset(ring_timeout=1)
    assert sync_fake_daily.settings.ring_timeout == 1


def test_the_control_api_shows_and_changes_settings(sim: Sim) -> None:
    before = sim.get("/_sim/settings")
    assert before["ring_timeout"] != 3
    assert "api_key" not in before
    sim.post("/_sim/reset", {"settings": {"ring_timeout": 3}})
    assert sim.get("/_sim/settings") == before | {"ring_timeout": 3}
    refused = sim.post("/_sim/reset", {"settings": {"ring_timout": 3}}, status=400)
    assert "ring_timeout" in refused["info"]
    sim.post("/_sim/reset")
    assert sim.get("/_sim/settings") == before
