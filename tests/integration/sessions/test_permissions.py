"""Permissions that change while calls are up, seen and heard."""

from __future__ import annotations

from dataclasses import dataclass

import httpx
import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from fake_daily_server.values.errors import DailyError
from simulator.network import Network
from simulator.phone_call import PhoneCall

CALLER = "+12065550199"
TONE_HZ = 440


@dataclass
class Talk:
    """A caller and an owner who hear each other."""

    call: PhoneCall
    session_id: str
    owner: Client


@pytest.fixture
async def talk(phone_network: Network, daily_room: RoomHandle, daily_client: Client) -> Talk:
    caller = await phone_network.phone(CALLER)
    call = await caller.dial(daily_room.sip_uris[0])
    await call.wait_answered()
    connected, _ = await daily_client.wait_for(["dialin-connected", "participant-joined"])
    await daily_client.set_audio("mix", send=True)
    return Talk(call, connected["sessionId"], daily_client)


async def test_a_caller_who_may_not_send_is_not_heard(talk: Talk) -> None:
    await talk.call.hum(TONE_HZ)
    await talk.owner.expect_tone(TONE_HZ)
    await talk.owner.update_participant(talk.session_id, permissions={"canSend": ["video"]})
    updated = await talk.owner.wait_for("participant-updated", where={"participant.session_id": talk.session_id})
    assert updated["participant"]["tracks"]["audio"] == {
        "subscribed": False,
        "state": "off",
        "off": {"byCanSendPermission": True},
    }
    await talk.owner.expect_silence(0.3)
    await talk.owner.update_participant(talk.session_id, permissions={"canSend": True})
    await talk.owner.expect_tone(TONE_HZ)


async def test_a_muted_caller_is_not_heard(talk: Talk) -> None:
    await talk.call.hum(TONE_HZ)
    await talk.owner.expect_tone(TONE_HZ)
    await talk.owner.update_participant(talk.session_id, audio=False)
    updated = await talk.owner.wait_for("participant-updated", where={"participant.session_id": talk.session_id})
    assert updated["participant"]["tracks"]["audio"]["off"] == {"byRemoteRequest": True}
    await talk.owner.expect_silence(0.3)
    await talk.owner.update_participant(talk.session_id, audio=True)
    await talk.owner.expect_tone(TONE_HZ)


async def test_a_caller_who_may_not_receive_hears_nothing(talk: Talk, fake_daily: FakeDaily) -> None:
    await talk.owner.hum(TONE_HZ)
    await talk.call.expect_tone(TONE_HZ)
    room = talk.owner.room_url.rpartition("/")[2]
    headers = {"Authorization": f"Bearer {fake_daily.api_key}"}
    async with httpx.AsyncClient(trust_env=False, headers=headers) as api:
        for base, hears in ((False, False), (True, True)):
            answer = await api.post(
                f"{fake_daily.api_url}/rooms/{room}/update-permissions",
                json={"data": {talk.session_id: {"canReceive": {"base": base}}}},
            )
            assert answer.status_code == 200
            await (talk.call.expect_tone(TONE_HZ) if hears else talk.call.expect_silence(0.3))


async def test_an_administrator_loses_the_telephony_verbs_in_mid_call(
    fake_daily: FakeDaily, talk: Talk, daily_room: RoomHandle
) -> None:
    token = daily_room.token(permissions={"canAdmin": ["participants"]})
    async with Client(daily_room.url, token=token) as helper:
        await helper.send_dtmf({"sessionId": talk.session_id, "tones": "1", "digitDurationMs": 50})
        await talk.call.wait_for_digits("1")
        await talk.owner.update_participant(helper.session_id, permissions={"canAdmin": False})
        with pytest.raises(DailyError, match="it needs a meeting token with is_owner"):
            await helper.send_dtmf({"sessionId": talk.session_id, "tones": "2"})
        with pytest.raises(DailyError) as refusal:
            await helper.eject(talk.session_id)
        assert refusal.value.status == 403
        await talk.owner.update_participant(helper.session_id, permissions={"canAdmin": True})
        await helper.eject(talk.session_id)
        await talk.owner.wait_for("dialin-stopped")
        assert (await talk.call.wait_for_end()).by == "remote"


async def test_a_client_that_is_turned_off_turns_itself_on_when_it_may(talk: Talk, daily_room: RoomHandle) -> None:
    async with Client(daily_room.url) as guest:
        await guest.hum(TONE_HZ)
        await talk.call.expect_tone(TONE_HZ)
        off, on = {"byRemoteRequest": True}, "playable"
        await talk.owner.update_participant(guest.session_id, audio=False)
        mine = {"participant.local": True}
        await guest.wait_for("participant-updated", where={**mine, "participant.tracks.audio.off": off})
        await talk.call.expect_silence(0.3)
        await talk.owner.update_participant(guest.session_id, audio=True)
        await guest.wait_for("participant-updated", where={**mine, "participant.tracks.audio.off": {"byUser": True}})
        await guest.set_audio("mix", send=True)
        await guest.wait_for("participant-updated", where={**mine, "participant.tracks.audio.state": on})
        await talk.call.expect_tone(TONE_HZ)


async def test_only_somebody_who_is_there_can_be_turned_off(talk: Talk) -> None:
    with pytest.raises(DailyError) as unknown:
        await talk.owner.update_participant("zork", audio=False)
    assert unknown.value.status == 404
