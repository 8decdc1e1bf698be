"""Phones and WebRTC clients hear each other: real SIP, RTP, ICE, DTLS, SRTP and Opus."""

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
from tests.integration.media.conftest import Party, Spoken, present
from tests.integration.webrtc.peer import Pcm, Tone, WebRtcPeer

Invite = Callable[..., Any]
DEFINITIONS: Any = json.loads(contract.path("signalling").read_text(encoding="utf-8"))["$defs"]


SECONDS = 6
"""How many seconds may be listened to until one is as expected: a busy machine loses frames, which clicks."""


async def expect(next_second: Callable[[], Awaitable[Pcm]], expected: Mapping[float, bool]) -> None:
    """Some second soon has exactly these frequencies and not those."""
    heard: object = None
    for _ in range(SECONDS):
        sound = await next_second()
        try:
            heard = present(sound, [*expected])
        except AssertionError as half_heard:
            heard = half_heard
        if heard == expected:
            return
    raise AssertionError(f"expected {expected}, and at last heard {heard}")


async def hears(
    peer: WebRtcPeer, session_id: str | None, expected: Mapping[float, bool], name: str | None = None
) -> None:
    """What a client hears of a participant, or of a named track of it, or of the mix."""
    await expect(lambda: peer.next_second(session_id, name), expected)


async def phone_hears(party: Party, phone: Spoken, expected: Mapping[float, bool]) -> None:
    """What a phone hears."""
    path = party.folder / "phone.wav"

    async def next_second() -> Pcm:
        await phone.call.record(path)
        await asyncio.sleep(1.4)
        await phone.call.stop_recording()
        sound, rate = read_wav(path)
        return sound[-rate:]

    await expect(next_second, expected)


async def test_a_client_hears_a_phone_and_is_heard_by_it(party: Party, invite: Invite) -> None:
    phone = await party.invite(440)
    ann: WebRtcPeer = await invite("Ann", hz=700)
    await hears(ann, phone.session_id, {440: True, 700: False})
    await phone_hears(party, phone, {440: False, 700: True})
    shown = party.client.participants[ann.session_id]
    assert shown["tracks"]["audio"]["state"] == "playable", "the others do not see its microphone"
    assert ann.refused == []


async def test_each_voice_has_a_track_and_the_mix_has_all(party: Party, invite: Invite) -> None:
    phone = await party.invite(440)
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
    await phone_hears(party, phone, only(700, 1100))


async def test_a_named_track_is_heard_by_itself_and_with_the_voice(party: Party, invite: Invite) -> None:
    phone = await party.invite(440)
    ann: WebRtcPeer = await invite("Ann", hz=700, tracks={"music": Tone(1100)})
    ben: WebRtcPeer = await invite("Ben")
    await hears(ben, ann.session_id, {700: False, 1100: True}, "music")
    await hears(ben, ann.session_id, {700: True, 1100: False})
    await phone_hears(party, phone, {700: True, 1100: True})
    assert party.client.participants[ann.session_id]["tracks"]["music"]["kind"] == "audio"
    await ann.ask("setMedia", audio=True)
    await phone_hears(party, phone, {700: True, 1100: False})
    assert "music" not in party.client.participants[ann.session_id]["tracks"]
    nobody = {"canReceive": {"byParticipantId": {ann.session_id: {"customAudio": {"music": False}}}}}
    await party.client.update_participant(ben.session_id, permissions=nobody)
    await ann.ask("setMedia", audio=True, tracks=["music"])
    await phone_hears(party, phone, {700: True, 1100: True})
    assert ben.section_of(ann.session_id, "audio", "music") is None


async def test_who_leaves_makes_room_for_the_next_one_in_the_same_section(party: Party, invite: Invite) -> None:
    first = await party.invite(440)
    ann: WebRtcPeer = await invite("Ann")
    await ann.next_second(first.session_id)
    section = ann.section_of(first.session_id)
    await first.call.hang_up()
    await ann.until(lambda: ann.tracks == {})
    late = await party.invite(1100)
    await hears(ann, late.session_id, {440: False, 1100: True})
    assert ann.section_of(late.session_id) == section
    third = await party.invite(1700)
    await hears(ann, late.session_id, {1100: True, 1700: False})
    await hears(ann, third.session_id, {1100: False, 1700: True})
    assert [offer["offer"]["number"] for offer in ann.offers] == [1, 2, 3, 4]
    assert ann.offers[-1]["offer"]["sdp"].count("m=audio") == 3


async def test_a_client_that_comes_back_is_heard_and_hears_again(party: Party, invite: Invite) -> None:
    phone = await party.invite(440)
    token = party.room.token(user_name="Ann")
    for hz in (700.0, 1100.0):
        async with WebRtcPeer(party.room.url, token, hz=hz, trickle=True) as ann:
            await hears(ann, phone.session_id, {440: True})
            await phone_hears(party, phone, {700: hz == 700, 1100: hz == 1100})
            gone = ann.session_id
        await party.client.wait_for("participant-left", where={"participant.session_id": gone})
        assert gone not in party.media.legs


async def test_nothing_is_left_of_clients_that_have_gone(party: Party, invite: Invite) -> None:
    await party.invite(440)
    token = party.room.token(user_name="Ann")
    async with WebRtcPeer(party.room.url, token, hz=700) as first:
        await first.until(lambda: any(heard.seconds for heard in first.heard.values()))

    def busy() -> tuple[set[str], set[str]]:
        tasks = {task.get_name() for task in asyncio.all_tasks(party.daily.owner_loop.loop) if not task.done()}
        names = {thread.name for thread in threading.enumerate()}
        return {name for name in tasks if "WebRTC" in name}, {name for name in names if "decoder" in name}

    await party.until(lambda: busy() == (set(), set()))
    async with WebRtcPeer(party.room.url, token, hz=700) as closed_early:
        await closed_early.until(lambda: bool(closed_early.offers))
    await party.until(lambda: busy() == (set(), set()))


async def test_permissions_decide_at_any_time(party: Party, invite: Invite) -> None:
    phone = await party.invite(440)
    second = await party.invite(1100)
    ann: WebRtcPeer = await invite("Ann", hz=700)
    await ann.next_second(phone.session_id)
    deaf_to_one = {"canReceive": {"byParticipantId": {phone.session_id: False}}}
    await party.client.update_participant(ann.session_id, permissions=deaf_to_one)
    await ann.until(lambda: ann.section_of(phone.session_id) is None)
    await hears(ann, second.session_id, {440: False, 1100: True})
    await phone_hears(party, phone, {700: True})
    await party.client.update_participant(ann.session_id, permissions={"canSend": False})
    await phone_hears(party, phone, {700: False})


async def test_the_microphone_goes_off_and_on_without_a_new_offer(party: Party, invite: Invite) -> None:
    phone = await party.invite(440)
    ann: WebRtcPeer = await invite("Ann", hz=700)
    await phone_hears(party, phone, {700: True})
    offers = len(ann.offers)
    await ann.ask("setMedia", audio=False)
    await phone_hears(party, phone, {700: False})
    assert party.client.participants[ann.session_id]["tracks"]["audio"]["state"] == "off"
    await ann.ask("setMedia", audio=True)
    await phone_hears(party, phone, {700: True})
    assert len(ann.offers) == offers
    await ann.ask("setMedia", receive="off", audio=False)
    await party.until(lambda: ann.session_id not in party.media.legs)


async def test_wrong_answers_are_explained(party: Party, invite: Invite) -> None:
    ann: WebRtcPeer = await invite("Ann", receive="off")
    with pytest.raises(RuntimeError, match="answerMedia: there is no WebRTC connection; ask for one with setMedia"):
        await ann.ask("answerMedia", number=1, sdp="v=0")
    await ann.ask("setMedia", audio=True)
    await ann.until(lambda: bool(ann.offers))
    with pytest.raises(RuntimeError, match="number is 7, but"):
        await ann.ask("answerMedia", number=7, sdp="v=0")
    with pytest.raises(RuntimeError, match="candidate is 'nonsense'"):
        await ann.ask("addMediaCandidate", candidate="nonsense")
    with pytest.raises(RuntimeError, match="goes over WebRTC"):
        await ann.ask("setAudio", receive="mix")


async def test_offers_and_failures_fit_the_schema(
    party: Party, invite: Invite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webrtc_connection, "ANSWER_WITHIN_S", 0.3)
    phone = await party.invite(440)
    ann: WebRtcPeer = await invite("Ann", hz=700)
    await ann.next_second(phone.session_id)
    mute: WebRtcPeer = await invite("Mia", receive="mix", answers=False)
    await mute.until(lambda: mute.failed is not None)
    assert mute.failed == "the WebRTC connection has ended: offer 1 was not answered in 0.3 s"
    records = party.daily.timeline.records(kind="media")
    assert any("was not answered" in str(record.fields.get("error")) for record in records)
    schema = {"$ref": "#/$defs/MediaFrame", "$defs": DEFINITIONS}
    for news in (*ann.offers, *mute.offers, {"failed": mute.failed}):
        jsonschema.validate({"media": news}, schema)
    assert len(ann.offers) + len(mute.offers) >= 2
