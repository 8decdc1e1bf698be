"""Phones and clients in a room hear each other: real SIP, RTP, PCMU and WebSockets."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fake_daily_server.media import prompts
from fake_daily_server.server import FakeDaily
from fake_daily_server.values.errors import DailyError
from simulator.audio.tone_detector import level_at
from simulator.audio.tones import tone
from simulator.errors import ConfigurationError
from tests.integration.media.conftest import QUIET, RATE, Party, present

FREQUENCIES = (440.0, 700.0, 1100.0, 1700.0)


async def test_four_phones_hear_exactly_the_other_three(party: Party) -> None:
    for hz in FREQUENCIES:
        await party.invite(hz)
    await party.in_the_mix(4)
    heard = await party.heard_by_phones()
    assert heard == [{hz: hz != phone.hz for hz in FREQUENCIES} for phone in party.phones]


async def test_a_phone_alone_with_clients_without_sound_costs_nothing(party: Party, fake_daily: FakeDaily) -> None:
    phone = await party.invite(440)
    async with fake_daily_client(party):
        (heard,) = await party.heard_by_phones()
    assert heard == {440: False}
    assert party.media.legs == {}
    assert not fake_daily.site.media_clock.running
    await phone.call.hang_up()


def fake_daily_client(party: Party) -> Any:
    """Somebody else in the room, without sound."""
    from fake_daily_server.handles.client import Client

    return Client(party.room.url, token=party.room.token(user_name="listener"))


async def test_a_client_hears_a_phone_and_is_heard_by_it(party: Party) -> None:
    phone = await party.invite(440)
    await party.client.set_audio("mix", send=True)
    await party.in_the_mix_of_phones(1)
    says = (12000 * np.sin(2 * np.pi * 900 * np.arange(2 * RATE) / RATE)).astype("<i2").tobytes()
    speaking = asyncio.create_task(party.client.write_audio(says))
    pcm = await party.client.read_audio(1)
    assert len(pcm) == 2 * RATE
    assert party.hear(pcm) == {440: True}
    assert level_at(np.frombuffer(pcm, "<i2").astype(np.int16), 900) < QUIET, "the client hears itself"
    path = party.folder / "phone.wav"
    await speaking
    speaking = asyncio.create_task(party.client.write_audio(says))
    await phone.call.record(path)
    await speaking
    await phone.call.stop_recording()
    sound = heard_in(path)[RATE // 2 : 3 * RATE // 2]
    assert present(sound, [900, 440]) == {900: True, 440: False}
    participant = party.daily.rooms.get(party.room.name).participants[party.client.session_id]
    assert participant.audio, "the others do not see its microphone"


def heard_in(path: Any) -> Any:
    from simulator.audio.wav import read_wav

    return read_wav(path)[0]


async def test_each_voice_by_itself(party: Party) -> None:
    first, second = await party.invite(440), await party.invite(1100)
    await party.client.set_audio("participants", send=False)
    await party.in_the_mix_of_phones(2)
    one, other = await asyncio.gather(
        party.client.read_audio(0.5, first.session_id), party.client.read_audio(0.5, second.session_id)
    )
    assert party.hear(one) == {440: True, 1100: False}
    assert party.hear(other) == {440: False, 1100: True}
    await party.client.set_audio("participants", send=False, participants=[second.session_id])
    speakers = set()
    async with asyncio.timeout(5):
        async for heard in party.client.audio():
            speakers.add(heard.session_id)
            if len(speakers) > 1 or len(heard.pcm) != 640:
                break
            if await enough(party, 20):
                break
    assert speakers == {second.session_id}
    with pytest.raises(ConfigurationError, match="set_audio"):
        await party.client.read_audio(0.1)


async def test_named_tracks_beside_the_microphone(party: Party, fake_daily: FakeDaily) -> None:
    phone = await party.invite(440, silent=True)
    bot = await fake_daily.join(party.room, user_name="bot")
    await bot.set_audio("off", tracks=["music"])
    shown = await party.client.wait_for("participant-updated", where={"participant.user_name": "bot"})
    track_id = bot.tracks["music"]
    music = shown["participant"]["tracks"]["music"]
    assert music == {"subscribed": True, "state": "playable", "kind": "audio", "id": track_id}
    await party.client.set_audio("participants", send=False)
    says = {hz: (8000 * tone(hz, 3, 0)).astype("<i2").tobytes() for hz in (900.0, 1300.0)}
    voice = asyncio.create_task(bot.write_audio(says[900]))
    played = asyncio.create_task(bot.write_audio(says[1300], track="music"))
    await asyncio.gather(phone.call.expect_tone(900), phone.call.expect_tone(1300))
    mine, named = await asyncio.gather(
        party.client.read_audio(0.5, bot.session_id), party.client.read_audio(0.5, track_id)
    )
    for pcm, there in ((mine, {900: True, 1300: False}), (named, {900: False, 1300: True})):
        assert present(np.frombuffer(pcm, "<i2").astype(np.int16), [900, 1300]) == there
    await asyncio.gather(voice, played)
    await bot.set_audio("off")
    gone = await party.client.wait_for("participant-updated", where={"participant.user_name": "bot"})
    assert "music" not in gone["participant"]["tracks"]
    with pytest.raises(ConfigurationError, match="track: 'music' is not usable"):
        await bot.write_audio(says[900], track="music")
    with pytest.raises(DailyError, match="a track cannot be named 'audio'"):
        await bot.set_audio("off", tracks=["audio"])


async def test_the_active_speaker(party: Party) -> None:
    loud, soft = await party.invite(440, silent=True), await party.invite(700, silent=True)
    await party.client.set_audio("mix", send=False)
    await soft.call.hum(700, dbfs=-30)
    first = await party.client.wait_for("active-speaker-change")
    assert first["activeSpeaker"] == {"peerId": soft.session_id}
    await loud.call.hum(440, dbfs=-15)
    await party.client.wait_for("active-speaker-change", where={"activeSpeaker.peerId": loud.session_id})
    await party.client.update_participant(loud.session_id, audio=False)
    await party.client.wait_for("active-speaker-change", where={"activeSpeaker.peerId": soft.session_id})


async def enough(party: Party, frames: int) -> bool:
    return party.media.statistics()[party.client.session_id].written >= frames


async def test_a_client_that_wants_no_sound_any_more_has_no_leg(party: Party) -> None:
    await party.invite(440)
    await party.client.set_audio("mix")
    await party.in_the_mix_of_phones(1)
    await party.client.set_audio("off", send=False)
    assert party.client.session_id not in party.media.legs
    assert not party.daily.rooms.get(party.room.name).participants[party.client.session_id].audio


async def test_a_late_joiner_hears_from_then_on(party: Party) -> None:
    await party.invite(440)
    await party.invite(700)
    await party.in_the_mix(2)
    await party.invite(1100)
    await party.in_the_mix(3)
    heard = await party.heard_by_phones()
    assert heard == [{hz: hz != phone.hz for hz in (440, 700, 1100)} for phone in party.phones]
    await party.phones[0].call.hang_up()
    await party.client.wait_for("participant-left")
    gone = party.phones.pop(0)
    heard = await party.heard_by_phones()
    assert heard == [{700: False, 1100: True}, {700: True, 1100: False}]
    assert gone.session_id not in party.media.legs


async def test_hold_is_silence_both_ways_until_it_is_over(party: Party) -> None:
    holder, _ = await party.invite(440), await party.invite(700)
    await party.in_the_mix(2)
    assert await party.heard_by_phones() == [{440: False, 700: True}, {440: True, 700: False}]
    await holder.call.hold()
    assert await party.heard_by_phones() == [{440: False, 700: False}, {440: False, 700: False}]
    await holder.call.resume()
    assert await party.heard_by_phones() == [{440: False, 700: True}, {440: True, 700: False}]


async def test_can_receive_of_a_dial_out_and_its_change_in_mid_call(party: Party) -> None:
    first = await party.invite(440)
    second = await party.invite(700, permissions={"canReceive": {"byParticipantId": {first.session_id: False}}})
    third = await party.invite(1100)
    await party.in_the_mix(3)
    assert await party.heard_by_phones() == [
        {440: False, 700: True, 1100: True},
        {440: False, 700: False, 1100: True},
        {440: True, 700: True, 1100: False},
    ]
    await party.client.update_participant(
        third.session_id, permissions={"canReceive": {"base": False, "byParticipantId": {second.session_id: True}}}
    )
    await party.client.update_participant(second.session_id, permissions={"canReceive": {"byParticipantId": {}}})
    await party.client.update_participant(first.session_id, permissions={"canSend": False})
    assert await party.heard_by_phones() == [
        {440: False, 700: True, 1100: True},
        {440: False, 700: False, 1100: True},
        {440: False, 700: True, 1100: False},
    ]


async def test_hold_music_and_prompts_for_one_phone_and_for_all(party: Party) -> None:
    first, second = await party.invite(440, silent=True), await party.invite(700, silent=True)
    party.phones[:] = [first, second]

    async def play(to: str | None, hz: float) -> None:
        party.media.play(to, (8000 * tone(hz, 1, 0)).astype(np.int16), loop=True)

    await party.at_home(play(first.session_id, 440))
    await party.at_home(play(None, 700))
    await party.in_the_mix(2)
    assert await party.heard_by_phones() == [{440: True, 700: True}, {440: False, 700: True}]

    async def stop() -> None:
        party.media.stop_playing()
        party.media.stop_playing(first.session_id)

    await party.at_home(stop())
    assert await party.heard_by_phones() == [{440: False, 700: False}, {440: False, 700: False}]


async def test_a_prompt_is_heard_by_a_phone_that_is_alone(party: Party) -> None:
    phone = await party.invite(440, silent=True)

    async def play() -> Any:
        return party.media.play(phone.session_id, prompts.spoken("Please hold the line"))

    path = party.folder / "prompt.wav"
    await phone.call.record(path)
    playing = await party.at_home(play())
    await party.at_home(playing.wait())
    await phone.call.stop_recording()
    from simulator.audio.speech_detector import has_speech

    assert has_speech(heard_in(path))


async def test_a_worker_that_dies_takes_only_its_own_legs(fake_daily: FakeDaily, tmp_path: Path) -> None:
    room = await fake_daily.create_room(enable_dialout=True)  # without endpoints, which count against the limit
    party = Party(fake_daily, await fake_daily.join(room), room, tmp_path)
    phones = [await party.invite(hz) for hz in (440, 700, 1100, 1700, 2500)]
    await party.client.set_audio("mix", send=False)
    await party.in_the_mix_of_phones(5)
    dying = {call.user_agent.pid for call in party.daily.gateway.calls}
    by_worker = {pid: [c for c in party.daily.gateway.calls if c.user_agent.pid == pid] for pid in dying}
    victim = min(by_worker, key=lambda pid: len(by_worker[pid]))
    os.kill(victim, signal.SIGKILL)
    await party.client.wait_for(["participant-left"] * len(by_worker[victim]))
    await party.until(lambda: len(party.media.legs) == 6 - len(by_worker[victim]))
    left = [phone for phone in phones if phone.session_id in party.media.legs]
    pcm = await party.client.read_audio(1)
    assert party.hear(pcm) == {phone.hz: phone in left for phone in phones}


async def test_the_mixer_stops_with_the_last_call(party: Party) -> None:
    phones = [await party.invite(hz) for hz in (440, 700)]
    await party.in_the_mix(2)
    assert party.daily.site.media_clock.running
    for phone in phones:
        await phone.call.hang_up()
    await party.client.wait_for(["participant-left", "participant-left"])
    assert not party.daily.site.media_clock.running
    told = [record.fields for record in party.daily.timeline.records(kind="media") if "action" in record.fields]
    assert [fields for fields in told if fields["action"] == "no audio"] == []


async def test_a_client_that_leaves_or_vanishes_has_no_leg(party: Party) -> None:
    for leave in ("leave", "close"):
        client = fake_daily_client(party)
        await client.join()
        await client.set_audio("mix")
        await party.until(lambda: len(party.media.legs) == 1)
        await getattr(client, leave)()
        await party.until(lambda: len(party.media.legs) == 0)
