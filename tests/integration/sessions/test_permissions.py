"""Permissions and mutes that change during calls, checked in events and in the audio."""

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
class Conversation:
    """A call and an owner that hear each other."""

    call: PhoneCall
    session_id: str
    owner: Client


@pytest.fixture
async def conversation(phone_network: Network, daily_room: RoomHandle, daily_client: Client) -> Conversation:
    caller = await phone_network.phone(CALLER)
    call = await caller.dial(daily_room.sip_uris[0])
    await call.wait_answered()
    connected, _ = await daily_client.wait_for(["dialin-connected", "participant-joined"])
    await daily_client.set_audio("mix", send=True)
    return Conversation(call, connected["sessionId"], daily_client)


async def test_a_caller_who_may_not_send_is_not_heard(conversation: Conversation) -> None:
    await conversation.call.hum(TONE_HZ)
    await conversation.owner.expect_tone(TONE_HZ)
    await conversation.owner.update_participant(conversation.session_id, permissions={"canSend": ["video"]})
    updated = await conversation.owner.wait_for(
        "participant-updated", where={"participant.session_id": conversation.session_id}
    )
    assert updated["participant"]["tracks"]["audio"] == {
        "subscribed": False,
        "state": "off",
        "off": {"byCanSendPermission": True},
    }
    await conversation.owner.expect_silence(0.3)
    await conversation.owner.update_participant(conversation.session_id, permissions={"canSend": True})
    await conversation.owner.expect_tone(TONE_HZ)


async def test_a_muted_caller_is_not_heard(conversation: Conversation) -> None:
    await conversation.call.hum(TONE_HZ)
    await conversation.owner.expect_tone(TONE_HZ)
    await conversation.owner.update_participant(conversation.session_id, audio=False)
    updated = await conversation.owner.wait_for(
        "participant-updated", where={"participant.session_id": conversation.session_id}
    )
    assert updated["participant"]["tracks"]["audio"]["off"] == {"byRemoteRequest": True}
    await conversation.owner.expect_silence(0.3)
    await conversation.owner.update_participant(conversation.session_id, audio=True)
    await conversation.owner.expect_tone(TONE_HZ)


async def test_a_caller_who_may_not_receive_hears_nothing(conversation: Conversation, fake_daily: FakeDaily) -> None:
    await conversation.owner.hum(TONE_HZ)
    await conversation.call.expect_tone(TONE_HZ)
    room = conversation.owner.room_url.rpartition("/")[2]
    headers = {"Authorization": f"Bearer {fake_daily.api_key}"}
    async with httpx.AsyncClient(trust_env=False, headers=headers) as api:
        for base, hears in ((False, False), (True, True)):
            answer = await api.post(
                f"{fake_daily.api_url}/rooms/{room}/update-permissions",
                json={"data": {conversation.session_id: {"canReceive": {"base": base}}}},
            )
            assert answer.status_code == 200
            await (conversation.call.expect_tone(TONE_HZ) if hears else conversation.call.expect_silence(0.3))


async def test_an_administrator_can_lose_the_telephony_verbs_during_a_call(
    fake_daily: FakeDaily, conversation: Conversation, daily_room: RoomHandle
) -> None:
    token = daily_room.token(permissions={"canAdmin": ["participants"]})
    async with Client(daily_room.url, token=token) as helper:
        await helper.send_dtmf({"sessionId": conversation.session_id, "tones": "1", "digitDurationMs": 50})
        await conversation.call.wait_for_digits("1")
        await conversation.owner.update_participant(helper.session_id, permissions={"canAdmin": False})
        with pytest.raises(DailyError, match="it requires a meeting token with is_owner"):
            await helper.send_dtmf({"sessionId": conversation.session_id, "tones": "2"})
        with pytest.raises(DailyError) as refusal:
            await helper.eject(conversation.session_id)
        assert refusal.value.status == 403
        await conversation.owner.update_participant(helper.session_id, permissions={"canAdmin": True})
        await helper.eject(conversation.session_id)
        await conversation.owner.wait_for("dialin-stopped")
        assert (await conversation.call.wait_for_end()).by == "remote"


async def test_a_muted_client_can_turn_itself_on_after_it_is_unmuted(
    conversation: Conversation, daily_room: RoomHandle
) -> None:
    async with Client(daily_room.url) as guest:
        await guest.hum(TONE_HZ)
        await conversation.call.expect_tone(TONE_HZ)
        off, on = {"byRemoteRequest": True}, "playable"
        await conversation.owner.update_participant(guest.session_id, audio=False)
        mine = {"participant.local": True}
        await guest.wait_for("participant-updated", where={**mine, "participant.tracks.audio.off": off})
        await conversation.call.expect_silence(0.3)
        await conversation.owner.update_participant(guest.session_id, audio=True)
        await guest.wait_for("participant-updated", where={**mine, "participant.tracks.audio.off": {"byUser": True}})
        await guest.set_audio("mix", send=True)
        await guest.wait_for("participant-updated", where={**mine, "participant.tracks.audio.state": on})
        await conversation.call.expect_tone(TONE_HZ)


async def test_muting_an_unknown_participant_is_404(conversation: Conversation) -> None:
    with pytest.raises(DailyError) as unknown:
        await conversation.owner.update_participant("zork", audio=False)
    assert unknown.value.status == 404
