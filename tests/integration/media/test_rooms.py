"""Phones and clients in a room hear each other, over real SIP, RTP, PCMU and WebSockets."""

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
from simulator.audio.hold_music import HOLD_MUSIC_HZ
from simulator.audio.tone_detector import level_at
from simulator.audio.tones import tone
from simulator.errors import ConfigurationError
from tests.integration.media.conftest import QUIET, RATE, PhoneRoom, tones_present

FREQUENCIES = (440.0, 700.0, 1100.0, 1700.0)


async def test_four_phones_hear_exactly_the_other_three(phone_room: PhoneRoom) -> None:
    for hz in FREQUENCIES:
        await phone_room.invite(hz)
    await phone_room.wait_for_legs(4)
    heard = await phone_room.tones_heard_by_phones()
    assert heard == [{hz: hz != phone.hz for hz in FREQUENCIES} for phone in phone_room.phones]


async def test_a_phone_with_clients_without_audio_opens_no_channel(
    phone_room: PhoneRoom, fake_daily: FakeDaily
) -> None:
    phone = await phone_room.invite(440)
    async with silent_client(phone_room):
        (heard,) = await phone_room.tones_heard_by_phones()
    assert heard == {440: False}
    assert phone_room.media.legs == {}
    assert not fake_daily.site.media_clock.running
    await phone.call.hang_up()


def silent_client(phone_room: PhoneRoom) -> Any:
    """Another client for the room, which has no audio."""
    from fake_daily_server.handles.client import Client

    return Client(phone_room.room.url, token=phone_room.room.token(user_name="listener"))


async def test_a_client_hears_a_phone_and_is_heard_by_it(phone_room: PhoneRoom) -> None:
    phone = await phone_room.invite(440)
    await phone_room.client.set_audio("mix", send=True)
    await phone_room.wait_for_phones(1)
    speech = (12000 * np.sin(2 * np.pi * 900 * np.arange(2 * RATE) / RATE)).astype("<i2").tobytes()
    speaking = asyncio.create_task(phone_room.client.write_audio(speech))
    pcm = await phone_room.client.read_audio(1)
    assert len(pcm) == 2 * RATE
    assert phone_room.tones_in(pcm) == {440: True}
    assert level_at(np.frombuffer(pcm, "<i2").astype(np.int16), 900) < QUIET, "the client hears itself"
    path = phone_room.folder / "phone.wav"
    await speaking
    speaking = asyncio.create_task(phone_room.client.write_audio(speech))
    await phone.call.record(path)
    await speaking
    await phone.call.stop_recording()
    sound = heard_in(path)[RATE // 2 : 3 * RATE // 2]
    assert tones_present(sound, [900, 440]) == {900: True, 440: False}
    participant = phone_room.daily.rooms.get(phone_room.room.name).participants[phone_room.client.session_id]
    assert participant.audio, "the others do not see that its microphone is on"


def heard_in(path: Any) -> Any:
    from simulator.audio.wav import read_wav

    return read_wav(path)[0]


async def test_a_client_can_receive_each_speaker_separately(phone_room: PhoneRoom) -> None:
    first, second = await phone_room.invite(440), await phone_room.invite(1100)
    await phone_room.client.set_audio("participants", send=False)
    await phone_room.wait_for_phones(2)
    one, other = await asyncio.gather(
        phone_room.client.read_audio(0.5, first.session_id), phone_room.client.read_audio(0.5, second.session_id)
    )
    assert phone_room.tones_in(one) == {440: True, 1100: False}
    assert phone_room.tones_in(other) == {440: False, 1100: True}
    await phone_room.client.set_audio("participants", send=False, participants=[second.session_id])
    speakers = set()
    async with asyncio.timeout(5):
        async for heard in phone_room.client.audio():
            speakers.add(heard.session_id)
            if len(speakers) > 1 or len(heard.pcm) != 640:
                break
            if await enough(phone_room, 20):
                break
    assert speakers == {second.session_id}
    with pytest.raises(ConfigurationError, match="set_audio"):
        await phone_room.client.read_audio(0.1)


async def test_a_client_sends_named_tracks_besides_its_microphone(phone_room: PhoneRoom, fake_daily: FakeDaily) -> None:
    phone = await phone_room.invite(440, silent=True)
    bot = await fake_daily.join(phone_room.room, user_name="bot")
    await bot.set_audio("off", tracks=["music"])
    shown = await phone_room.client.wait_for("participant-updated", where={"participant.user_name": "bot"})
    track_id = bot.tracks["music"]
    music = shown["participant"]["tracks"]["music"]
    assert music == {"subscribed": True, "state": "playable", "kind": "audio", "id": track_id}
    await phone_room.client.set_audio("participants", send=False)
    speech = {hz: (8000 * tone(hz, 3, 0)).astype("<i2").tobytes() for hz in (900.0, 1300.0)}
    voice = asyncio.create_task(bot.write_audio(speech[900]))
    played = asyncio.create_task(bot.write_audio(speech[1300], track="music"))
    await asyncio.gather(phone.call.expect_tone(900), phone.call.expect_tone(1300))
    mine, named = await asyncio.gather(
        phone_room.client.read_audio(0.5, bot.session_id), phone_room.client.read_audio(0.5, track_id)
    )
    for pcm, there in ((mine, {900: True, 1300: False}), (named, {900: False, 1300: True})):
        assert tones_present(np.frombuffer(pcm, "<i2").astype(np.int16), [900, 1300]) == there
    await asyncio.gather(voice, played)
    await bot.set_audio("off")
    gone = await phone_room.client.wait_for("participant-updated", where={"participant.user_name": "bot"})
    assert "music" not in gone["participant"]["tracks"]
    with pytest.raises(ConfigurationError, match="track: 'music' is not usable"):
        await bot.write_audio(speech[900], track="music")
    with pytest.raises(DailyError, match="a track cannot be named 'audio'"):
        await bot.set_audio("off", tracks=["audio"])


async def test_the_active_speaker_is_reported(phone_room: PhoneRoom) -> None:
    loud, soft = await phone_room.invite(440, silent=True), await phone_room.invite(700, silent=True)
    await phone_room.client.set_audio("mix", send=False)
    await soft.call.hum(700, dbfs=-30)
    first = await phone_room.client.wait_for("active-speaker-change")
    assert first["activeSpeaker"] == {"peerId": soft.session_id}
    await loud.call.hum(440, dbfs=-15)
    await phone_room.client.wait_for("active-speaker-change", where={"activeSpeaker.peerId": loud.session_id})
    await phone_room.client.update_participant(loud.session_id, audio=False)
    await phone_room.client.wait_for("active-speaker-change", where={"activeSpeaker.peerId": soft.session_id})


async def enough(phone_room: PhoneRoom, frames: int) -> bool:
    return phone_room.media.statistics()[phone_room.client.session_id].written >= frames


async def test_a_client_that_turns_audio_off_has_no_leg(phone_room: PhoneRoom) -> None:
    await phone_room.invite(440)
    await phone_room.client.set_audio("mix")
    await phone_room.wait_for_phones(1)
    await phone_room.client.set_audio("off", send=False)
    assert phone_room.client.session_id not in phone_room.media.legs
    assert not phone_room.daily.rooms.get(phone_room.room.name).participants[phone_room.client.session_id].audio


async def test_a_late_joiner_hears_the_others_and_is_heard(phone_room: PhoneRoom) -> None:
    await phone_room.invite(440)
    await phone_room.invite(700)
    await phone_room.wait_for_legs(2)
    await phone_room.invite(1100)
    await phone_room.wait_for_legs(3)
    heard = await phone_room.tones_heard_by_phones()
    assert heard == [{hz: hz != phone.hz for hz in (440, 700, 1100)} for phone in phone_room.phones]
    await phone_room.phones[0].call.hang_up()
    await phone_room.client.wait_for("participant-left")
    gone = phone_room.phones.pop(0)
    heard = await phone_room.tones_heard_by_phones()
    assert heard == [{700: False, 1100: True}, {700: True, 1100: False}]
    assert gone.session_id not in phone_room.media.legs


async def test_a_held_call_neither_hears_nor_is_heard(phone_room: PhoneRoom) -> None:
    holder, _ = await phone_room.invite(440), await phone_room.invite(700)
    await phone_room.wait_for_legs(2)
    assert await phone_room.tones_heard_by_phones() == [{440: False, 700: True}, {440: True, 700: False}]
    await holder.call.hold()
    assert await phone_room.tones_heard_by_phones() == [{440: False, 700: False}, {440: False, 700: False}]
    await holder.call.resume()
    assert await phone_room.tones_heard_by_phones() == [{440: False, 700: True}, {440: True, 700: False}]


async def test_the_music_of_a_phone_that_holds_is_heard_and_stops_when_it_resumes(phone_room: PhoneRoom) -> None:
    holder, other = await phone_room.invite(440), await phone_room.invite(700)
    await phone_room.wait_for_legs(2)
    await holder.call.hold(music=True)
    for hz in HOLD_MUSIC_HZ:
        await other.call.expect_tones({hz})
    await holder.call.expect_silence()
    await holder.call.resume()
    await other.call.expect_tones({440})
    await holder.call.expect_tones({700})


async def test_can_receive_of_a_dial_out_applies_and_can_be_changed(phone_room: PhoneRoom) -> None:
    first = await phone_room.invite(440)
    second = await phone_room.invite(700, permissions={"canReceive": {"byParticipantId": {first.session_id: False}}})
    third = await phone_room.invite(1100)
    await phone_room.wait_for_legs(3)
    assert await phone_room.tones_heard_by_phones() == [
        {440: False, 700: True, 1100: True},
        {440: False, 700: False, 1100: True},
        {440: True, 700: True, 1100: False},
    ]
    await phone_room.client.update_participant(
        third.session_id, permissions={"canReceive": {"base": False, "byParticipantId": {second.session_id: True}}}
    )
    await phone_room.client.update_participant(second.session_id, permissions={"canReceive": {"byParticipantId": {}}})
    await phone_room.client.update_participant(first.session_id, permissions={"canSend": False})
    assert await phone_room.tones_heard_by_phones() == [
        {440: False, 700: True, 1100: True},
        {440: False, 700: False, 1100: True},
        {440: False, 700: True, 1100: False},
    ]


async def test_audio_is_played_to_one_phone_or_to_all(phone_room: PhoneRoom) -> None:
    first, second = await phone_room.invite(440, silent=True), await phone_room.invite(700, silent=True)
    phone_room.phones[:] = [first, second]

    async def play(to: str | None, hz: float) -> None:
        phone_room.media.play(to, (8000 * tone(hz, 1, 0)).astype(np.int16), loop=True)

    await phone_room.on_server_loop(play(first.session_id, 440))
    await phone_room.on_server_loop(play(None, 700))
    await phone_room.wait_for_legs(2)
    assert await phone_room.tones_heard_by_phones() == [{440: True, 700: True}, {440: False, 700: True}]

    async def stop() -> None:
        phone_room.media.stop_playing()
        phone_room.media.stop_playing(first.session_id)

    await phone_room.on_server_loop(stop())
    assert await phone_room.tones_heard_by_phones() == [{440: False, 700: False}, {440: False, 700: False}]


async def test_a_single_phone_hears_a_prompt(phone_room: PhoneRoom) -> None:
    phone = await phone_room.invite(440, silent=True)

    async def play() -> Any:
        return phone_room.media.play(phone.session_id, prompts.announcement("Please hold the line"))

    path = phone_room.folder / "prompt.wav"
    await phone.call.record(path)
    playing = await phone_room.on_server_loop(play())
    await phone_room.on_server_loop(playing.wait())
    await phone.call.stop_recording()
    from simulator.audio.speech_detector import has_speech

    assert has_speech(heard_in(path))


async def test_a_crashed_worker_removes_only_its_own_legs(fake_daily: FakeDaily, tmp_path: Path) -> None:
    room = await fake_daily.create_room(enable_dialout=True)
    phone_room = PhoneRoom(fake_daily, await fake_daily.join(room), room, tmp_path)
    phones = [await phone_room.invite(hz) for hz in (440, 700, 1100, 1700, 2500)]
    await phone_room.client.set_audio("mix", send=False)
    await phone_room.wait_for_phones(5)
    dying = {call.user_agent.pid for call in phone_room.daily.gateway.calls}
    by_worker = {pid: [c for c in phone_room.daily.gateway.calls if c.user_agent.pid == pid] for pid in dying}
    victim = min(by_worker, key=lambda pid: len(by_worker[pid]))
    os.kill(victim, signal.SIGKILL)
    await phone_room.client.wait_for(["participant-left"] * len(by_worker[victim]))
    await phone_room.until(lambda: len(phone_room.media.legs) == 6 - len(by_worker[victim]))
    left = [phone for phone in phones if phone.session_id in phone_room.media.legs]
    pcm = await phone_room.client.read_audio(1)
    assert phone_room.tones_in(pcm) == {phone.hz: phone in left for phone in phones}


async def test_the_mixer_stops_with_the_last_call(phone_room: PhoneRoom) -> None:
    phones = [await phone_room.invite(hz) for hz in (440, 700)]
    await phone_room.wait_for_legs(2)
    assert phone_room.daily.site.media_clock.running
    for phone in phones:
        await phone.call.hang_up()
    await phone_room.client.wait_for(["participant-left", "participant-left"])
    assert not phone_room.daily.site.media_clock.running
    recorded = [
        record.fields for record in phone_room.daily.timeline.records(kind="media") if "action" in record.fields
    ]
    assert [fields for fields in recorded if fields["action"] == "no audio"] == []


async def test_a_client_that_leaves_or_vanishes_has_no_leg(phone_room: PhoneRoom) -> None:
    for leave in ("leave", "close"):
        client = silent_client(phone_room)
        await client.join()
        await client.set_audio("mix")
        await phone_room.until(lambda: len(phone_room.media.legs) == 1)
        await getattr(client, leave)()
        await phone_room.until(lambda: len(phone_room.media.legs) == 0)
