"""Phones and WebRTC clients hear each other, over real SIP, RTP, ICE, DTLS, SRTP and Opus."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import jsonschema
import pytest

from fake_daily_server.contract import schema as contract
from fake_daily_server.media import webrtc_connection
from simulator.audio.wav import read_wav
from tests.integration.media.conftest import PhoneRoom, RoomPhone, tones_present
from tests.integration.webrtc.peer import Pcm, Tone, WebRtcPeer

Invite = Callable[..., Any]
DEFINITIONS: Any = json.loads(contract.path("signalling").read_text(encoding="utf-8"))["$defs"]


SECONDS = 6
"""How many seconds may be recorded until one is as expected: a busy machine loses frames, which is audible."""


async def expect(next_second: Callable[[], Awaitable[Pcm]], expected: Mapping[float, bool]) -> None:
    """Wait for a second that has exactly the expected frequencies."""
    heard: object = None
    for _ in range(SECONDS):
        sound = await next_second()
        try:
            heard = tones_present(sound, [*expected])
        except AssertionError as half_heard:
            heard = half_heard
        if heard == expected:
            return
    raise AssertionError(f"expected {expected}, and at last heard {heard}")


async def hears(
    peer: WebRtcPeer, session_id: str | None, expected: Mapping[float, bool], name: str | None = None
) -> None:
    """Expect these frequencies in the audio of a participant, or of its named track, or in the mix."""
    await expect(lambda: peer.next_second(session_id, name), expected)


async def phone_hears(phone_room: PhoneRoom, phone: RoomPhone, expected: Mapping[float, bool]) -> None:
    """Expect these frequencies at a phone."""
    path = phone_room.folder / "phone.wav"

    async def next_second() -> Pcm:
        await phone.call.record(path)
        await asyncio.sleep(1.4)
        await phone.call.stop_recording()
        sound, rate = read_wav(path)
        return sound[-rate:]

    await expect(next_second, expected)


async def test_a_client_hears_a_phone_and_is_heard_by_it(phone_room: PhoneRoom, invite: Invite) -> None:
    phone = await phone_room.invite(440)
    ann: WebRtcPeer = await invite("Ann", hz=700)
    await hears(ann, phone.session_id, {440: True, 700: False})
    await phone_hears(phone_room, phone, {440: False, 700: True})
    shown = phone_room.client.participants[ann.session_id]
    assert shown["tracks"]["audio"]["state"] == "playable", "the others do not see that its microphone is on"
    assert ann.refused == []


async def test_each_speaker_has_a_track_and_the_mix_has_all(phone_room: PhoneRoom, invite: Invite) -> None:
    phone = await phone_room.invite(440)
    ann: WebRtcPeer = await invite("Ann", hz=700)
    ben: WebRtcPeer = await invite("Ben", hz=1100)
    mixed: WebRtcPeer = await invite("Mia", receive="mix")

    def only(*there: int) -> dict[float, bool]:
        return {hz: hz in there for hz in (440, 700, 1100)}

    await asyncio.gather(
        hears(ann, phone.session_id, only(440)),
        hears(ann, ben.session_id, only(1100)),
        hears(ben, phone.session_id, only(440)),
        hears(ben, ann.session_id, only(700)),
        hears(mixed, None, only(440, 700, 1100)),
    )
    assert {source["sessionId"] for source in ann.tracks.values()} == {phone.session_id, ben.session_id}
    await phone_hears(phone_room, phone, only(700, 1100))


async def test_a_named_track_is_heard_separately_and_in_the_mix(phone_room: PhoneRoom, invite: Invite) -> None:
    phone = await phone_room.invite(440)
    ann: WebRtcPeer = await invite("Ann", hz=700, tracks={"music": Tone(1100)})
    ben: WebRtcPeer = await invite("Ben")
    await hears(ben, ann.session_id, {700: False, 1100: True}, "music")
    await hears(ben, ann.session_id, {700: True, 1100: False})
    await phone_hears(phone_room, phone, {700: True, 1100: True})
    assert phone_room.client.participants[ann.session_id]["tracks"]["music"]["kind"] == "audio"
    await ann.ask("setMedia", audio=True)
    await phone_hears(phone_room, phone, {700: True, 1100: False})
    assert "music" not in phone_room.client.participants[ann.session_id]["tracks"]
    nobody = {"canReceive": {"byParticipantId": {ann.session_id: {"customAudio": {"music": False}}}}}
    await phone_room.client.update_participant(ben.session_id, permissions=nobody)
    await ann.ask("setMedia", audio=True, tracks=["music"])
    await phone_hears(phone_room, phone, {700: True, 1100: True})
    assert ben.section_of(ann.session_id, "audio", "music") is None


async def test_the_section_of_a_participant_who_left_is_reused(phone_room: PhoneRoom, invite: Invite) -> None:
    first = await phone_room.invite(440)
    ann: WebRtcPeer = await invite("Ann")
    await ann.next_second(first.session_id)
    section = ann.section_of(first.session_id)
    await first.call.hang_up()
    await ann.until(lambda: ann.tracks == {})
    late = await phone_room.invite(1100)
    await hears(ann, late.session_id, {440: False, 1100: True})
    assert ann.section_of(late.session_id) == section
    third = await phone_room.invite(1700)
    await hears(ann, late.session_id, {1100: True, 1700: False})
    await hears(ann, third.session_id, {1100: False, 1700: True})
    assert [offer["offer"]["number"] for offer in ann.offers] == [1, 2, 3, 4]
    assert ann.offers[-1]["offer"]["sdp"].count("m=audio") == 3


async def test_a_client_that_joins_again_hears_and_is_heard(phone_room: PhoneRoom, invite: Invite) -> None:
    phone = await phone_room.invite(440)
    token = phone_room.room.token(user_name="Ann")
    for hz in (700.0, 1100.0):
        async with WebRtcPeer(phone_room.room.url, token, hz=hz, trickle=True) as ann:
            await hears(ann, phone.session_id, {440: True})
            await phone_hears(phone_room, phone, {700: hz == 700, 1100: hz == 1100})
            gone = ann.session_id
        await phone_room.client.wait_for("participant-left", where={"participant.session_id": gone})
        assert gone not in phone_room.media.legs


async def test_clients_that_left_leave_no_tasks_or_threads_behind(phone_room: PhoneRoom, invite: Invite) -> None:
    await phone_room.invite(440)
    token = phone_room.room.token(user_name="Ann")
    async with WebRtcPeer(phone_room.room.url, token, hz=700) as first:
        await first.until(lambda: any(heard.seconds for heard in first.heard.values()))

    def busy() -> tuple[set[str], set[str]]:
        tasks = {task.get_name() for task in asyncio.all_tasks(phone_room.daily.owner_loop.loop) if not task.done()}
        names = {thread.name for thread in threading.enumerate()}
        return {name for name in tasks if "WebRTC" in name}, {name for name in names if "decoder" in name}

    await phone_room.until(lambda: busy() == (set(), set()))
    async with WebRtcPeer(phone_room.room.url, token, hz=700) as closed_early:
        await closed_early.until(lambda: bool(closed_early.offers))
    await phone_room.until(lambda: busy() == (set(), set()))


async def test_changed_permissions_apply_at_once(phone_room: PhoneRoom, invite: Invite) -> None:
    phone = await phone_room.invite(440)
    second = await phone_room.invite(1100)
    ann: WebRtcPeer = await invite("Ann", hz=700)
    await ann.next_second(phone.session_id)
    without_one = {"canReceive": {"byParticipantId": {phone.session_id: False}}}
    await phone_room.client.update_participant(ann.session_id, permissions=without_one)
    await ann.until(lambda: ann.section_of(phone.session_id) is None)
    await hears(ann, second.session_id, {440: False, 1100: True})
    await phone_hears(phone_room, phone, {700: True})
    await phone_room.client.update_participant(ann.session_id, permissions={"canSend": False})
    await phone_hears(phone_room, phone, {700: False})


async def test_turning_the_microphone_off_and_on_needs_no_new_offer(phone_room: PhoneRoom, invite: Invite) -> None:
    phone = await phone_room.invite(440)
    ann: WebRtcPeer = await invite("Ann", hz=700)
    await phone_hears(phone_room, phone, {700: True})
    offers = len(ann.offers)
    await ann.ask("setMedia", audio=False)
    await phone_hears(phone_room, phone, {700: False})
    assert phone_room.client.participants[ann.session_id]["tracks"]["audio"]["state"] == "off"
    await ann.ask("setMedia", audio=True)
    await phone_hears(phone_room, phone, {700: True})
    assert len(ann.offers) == offers
    await ann.ask("setMedia", receive="off", audio=False)
    await phone_room.until(lambda: ann.session_id not in phone_room.media.legs)


async def test_wrong_answers_are_explained(phone_room: PhoneRoom, invite: Invite) -> None:
    ann: WebRtcPeer = await invite("Ann", receive="off")
    with pytest.raises(RuntimeError, match="answerMedia: there is no WebRTC connection; request one with setMedia"):
        await ann.ask("answerMedia", number=1, sdp="v=0")
    await ann.ask("setMedia", audio=True)
    await ann.until(lambda: bool(ann.offers))
    with pytest.raises(RuntimeError, match="number is 7, but"):
        await ann.ask("answerMedia", number=7, sdp="v=0")
    with pytest.raises(RuntimeError, match="candidate is 'nonsense'"):
        await ann.ask("addMediaCandidate", candidate="nonsense")
    with pytest.raises(RuntimeError, match="uses WebRTC"):
        await ann.ask("setAudio", receive="mix")


async def test_offers_and_failures_fit_the_schema(
    phone_room: PhoneRoom, invite: Invite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webrtc_connection, "ANSWER_TIMEOUT_S", 0.3)
    phone = await phone_room.invite(440)
    ann: WebRtcPeer = await invite("Ann", hz=700)
    await ann.next_second(phone.session_id)
    mute: WebRtcPeer = await invite("Mia", receive="mix", answers=False)
    await mute.until(lambda: mute.failed is not None)
    assert mute.failed == "the WebRTC connection has ended: offer 1 was not answered in 0.3 s"
    records = phone_room.daily.timeline.records(kind="media")
    assert any("was not answered" in str(record.fields.get("error")) for record in records)
    schema = {"$ref": "#/$defs/MediaFrame", "$defs": DEFINITIONS}
    for news in (*ann.offers, *mute.offers, {"failed": mute.failed}):
        jsonschema.validate({"media": news}, schema)
    assert len(ann.offers) + len(mute.offers) >= 2
