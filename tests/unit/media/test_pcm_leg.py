"""A client's sound as binary messages."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from fake_daily_server.media.pcm_leg import MOST_SAID, MOST_UNSENT, PcmLeg, PcmVoicesLeg
from fake_daily_server.media.room_media import RoomMedia
from fake_daily_server.media.wire import MESSAGE_BYTES, SoundMessage
from fake_daily_server.signalling.client_sound import ClientSound
from fake_daily_server.values.errors import BadJson, InvalidRequest
from fake_daily_server.values.participants import Participant
from tests.unit.media.parties import HandClock, Party, level

ANN = str(uuid.UUID(int=7))


def test_the_layout_of_the_mix() -> None:
    message = bytes(SoundMessage(None, level(0x0102).tobytes()))
    assert len(message) == MESSAGE_BYTES == 658
    assert message[:18] == bytes([1, 0, *[0] * 16])
    assert message[18:22] == bytes([2, 1, 2, 1])
    assert SoundMessage.parse(message) == SoundMessage(None, level(0x0102).tobytes())


def test_the_layout_of_one_voice() -> None:
    message = bytes(SoundMessage(ANN, level(1).tobytes()))
    assert message[:18] == bytes([1, 1, *[0] * 15, 7])
    assert SoundMessage.parse(message).session_id == ANN


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (b"", "0 bytes"),
        (bytes(17), "17 bytes but should have 658, one frame of 20 ms, or 18 for a pause"),
        (bytes(657), "657 bytes"),
        (bytes([2, 0]) + bytes(656), "version 1"),
        (bytes([1, 2]) + bytes(656), "byte 1"),
    ],
)
def test_messages_that_cannot_be_read(message: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        SoundMessage.parse(message)


async def test_what_is_written_is_taken_once_and_announced() -> None:
    announced: list[None] = []
    leg = PcmLeg(lambda: announced.append(None), receives=True)
    leg.write(level(1))
    leg.write(level(2))
    await asyncio.sleep(0)
    assert len(announced) == 1
    taken = [leg.take(), leg.take()]
    assert [SoundMessage.parse(message or b"").pcm[:1] for message in taken] == [b"\1", b"\2"]
    assert leg.take() is None
    leg.write(level(3))
    await asyncio.sleep(0)
    assert len(announced) == 2


async def test_a_client_that_does_not_read_loses_the_oldest() -> None:
    leg = PcmLeg(lambda: None, receives=True)
    for value in range(MOST_UNSENT + 5):
        leg.write(level(value))
    oldest = leg.take()
    assert oldest is not None
    assert SoundMessage.parse(oldest).pcm[0] == 5
    assert leg.counts.overruns == 5


async def test_a_client_that_says_too_much_at_once_loses_the_oldest() -> None:
    leg = PcmLeg(lambda: None, receives=False)
    for value in range(MOST_SAID + 3):
        leg.said.take_in(level(value).tobytes())
    frame = leg.read()
    assert frame is not None
    assert frame[0] == 3
    assert leg.counts.overruns == 3
    leg.write(level(1))
    assert leg.take() is None, "it does not receive"


async def test_voices_of_those_who_are_wanted() -> None:
    other = str(uuid.UUID(int=8))
    leg = PcmVoicesLeg(lambda: None, wanted=frozenset({ANN}))
    leg.write_voices({ANN: level(1), other: level(2)})
    leg.write(level(3))
    taken = leg.take()
    assert taken is not None
    assert SoundMessage.parse(taken).session_id == ANN
    assert leg.take() is None


async def test_many_voices_do_not_shorten_the_queue() -> None:
    ids = [str(uuid.UUID(int=number)) for number in range(10)]
    leg = PcmVoicesLeg(lambda: None)
    for _ in range(MOST_UNSENT):
        leg.write_voices({session_id: level(1) for session_id in ids})
    assert leg.counts.overruns == 0
    leg.write_voices({session_id: level(1) for session_id in ids})
    assert leg.counts.overruns == 10


async def test_sound_is_refused_until_it_is_asked_for_and_after_it_is_over() -> None:
    media = RoomMedia(HandClock(), dict, lambda *_, **__: None)
    sound = ClientSound(lambda: None)
    message = bytes(SoundMessage(None, level(1).tobytes()))
    with pytest.raises(BadJson, match="binary"):
        sound.say(message)
    sound.set(media, ANN, receive="mix", participants=None, send=False, tracks={})
    with pytest.raises(BadJson, match="send: true"):
        sound.say(message)
    sound.set(media, ANN, receive="off", participants=None, send=True, tracks={})
    sound.say(message)
    with pytest.raises(InvalidRequest, match="3 bytes"):
        sound.say(b"abc")
    assert set(media.legs) == {ANN}
    sound.set(media, ANN, receive="off", participants=None, send=False, tracks={})
    assert media.legs == {}
    with pytest.raises(BadJson):
        sound.say(message)


async def test_what_is_said_goes_on_when_only_the_hearing_changes() -> None:
    clock = HandClock()
    media = RoomMedia(clock, dict, lambda *_, **__: None)
    other = Party()
    media.attach("other", other)
    sound = ClientSound(lambda: None)
    sound.set(media, ANN, receive="mix", participants=None, send=True, tracks={})
    for value in range(1, 5):
        sound.say(bytes(SoundMessage(None, level(value).tobytes())))
    clock.tick()
    sound.set(media, ANN, receive="participants", participants=None, send=True, tracks={})
    clock.tick(3)
    assert other.heard == [1, 2, 3, 4]
    assert media.statistics()[ANN].read == 4
    sound.set(media, ANN, receive="mix", participants=None, send=False, tracks={})
    assert media.statistics()[ANN].read == 0, "what it has said is over with the microphone"


async def test_a_pause_on_purpose_is_no_lost_sound() -> None:
    leg = PcmLeg(lambda: None, receives=False)
    loud, pause = level(1).tobytes(), b""
    for pcm in (loud, pause):
        leg.said.take_in(pcm)
    heard = [leg.read() is not None for _ in range(10)]
    assert heard == [True, *[False] * 9]
    leg.said.take_in(loud)
    assert leg.read() is not None
    assert leg.counts.underruns == 0
    leg.read()
    leg.said.take_in(loud)
    leg.read()
    assert leg.counts.underruns == 1, "this one was too late"


async def test_named_tracks_come_and_go() -> None:
    clock = HandClock()
    people = {id_: Participant(session_id=id_, user_id=id_) for id_ in (ANN, "listener")}
    media = RoomMedia(clock, lambda: people, lambda *_, **__: None)
    listener = Party()
    media.attach("listener", listener)
    music, alarm = (str(uuid.UUID(int=number)) for number in (20, 21))
    sound = ClientSound(lambda: None)
    sound.set(media, ANN, receive="mix", participants=None, send=True, tracks={"music": music, "alarm": alarm})
    assert set(media.legs) == {ANN, "listener", music, alarm}
    for speaker, value in ((None, 1), (music, 10), (alarm, 100)):
        sound.say(bytes(SoundMessage(speaker, level(value).tobytes())))
    clock.tick()
    assert listener.heard == [111]
    taken = sound.take()
    assert taken is not None
    assert SoundMessage.parse(taken).pcm == level(0).tobytes(), "nobody hears its own tracks"
    with pytest.raises(InvalidRequest, match="is no track of this client"):
        sound.say(bytes(SoundMessage(str(uuid.UUID(int=22)), level(1).tobytes())))
    sound.set(media, ANN, receive="off", participants=None, send=False, tracks={"alarm": alarm})
    assert set(media.legs) == {"listener", alarm}
    with pytest.raises(BadJson, match="send: true"):
        sound.say(bytes(SoundMessage(None, level(1).tobytes())))
    sound.say(bytes(SoundMessage(alarm, level(7).tobytes())))
    clock.tick()
    assert listener.heard == [111, 7]
    media.detach(ANN)
    assert set(media.legs) == {"listener"}
