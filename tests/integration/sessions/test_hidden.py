"""Hidden participants, and whether they register the SIP endpoints of the room."""

from __future__ import annotations

from fake_daily_server.handles.client import Client
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from simulator.network import Network
from tests.event_actions import actions

SIP = {"sip_mode": "dial-in"}
HIDDEN = {"hasPresence": False}
CALLER = "+12065550199"


async def test_a_hidden_participant_registers_the_endpoints(fake_daily: FakeDaily, phone_network: Network) -> None:
    room = await fake_daily.create_room(sip=SIP)
    async with Client(room.url, token=room.token(permissions=HIDDEN)) as hidden:
        ready = await hidden.wait_for("dialin-ready")
        caller = await phone_network.phone(CALLER)
        call = await caller.dial(ready["sipEndpoint"])
        await call.wait_answered()
        await hidden.wait_for(["dialin-connected", "participant-joined"])
        assert await hidden.participant_counts() == {"present": 1, "hidden": 1}
    assert (await call.wait_for_end()).by == "remote"


async def test_by_setting_only_a_present_participant_registers_the_endpoints() -> None:
    async with FakeDaily(Settings(port=0, sip_port=0, hidden_participants_start_sip=False)) as daily:
        room = await daily.create_room(sip=SIP)
        caller = await daily.network.phone(CALLER)
        async with Client(room.url, token=room.token(is_owner=True, permissions=HIDDEN)) as hidden:
            early = await caller.dial(room.sip_uris[0])
            assert (await early.wait_for_end()).status == 480
            assert "dialin-ready" not in actions(hidden.events)
            await hidden.update_participant(hidden.session_id, permissions={"hasPresence": True})
            await hidden.wait_for("dialin-ready")
            await (await caller.dial(room.sip_uris[0])).wait_answered()
            await hidden.update_participant(hidden.session_id, permissions=HIDDEN)
            await hidden.wait_for("dialin-connected")
            assert actions(hidden.events).count("dialin-ready") == 1


async def test_by_setting_a_late_client_receives_dialin_ready() -> None:
    async with FakeDaily(Settings(port=0, sip_port=0, replay_dialin_ready=True)) as daily:
        room = await daily.create_room(sip={"num_endpoints": 2})
        first = await daily.join(room)
        await first.wait_for(["dialin-ready", "dialin-ready"])
        late = await daily.join(room, user_name="late")
        received = await late.wait_for(["dialin-ready", "dialin-ready"])
        assert [event["sipEndpoint"] for event in received] == room.sip_uris
        assert actions(first.events).count("dialin-ready") == 2
