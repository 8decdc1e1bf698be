"""A client's sound as binary messages."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from fake_daily_server.errors import BadJson, InvalidRequest
from fake_daily_server.media.client_sound import ClientSound
from fake_daily_server.media.pcm_leg import MOST_SAID, MOST_UNSENT, PcmLeg, PcmVoicesLeg
from fake_daily_server.media.room_media import RoomMedia
from fake_daily_server.media.wire import MESSAGE_BYTES, SoundMessage
from tests.unit.media.parties import HandClock, level

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
        leg.say(bytes(SoundMessage(None, level(value).tobytes())))
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
    sound.set(media, ANN, receive="mix", participants=None, send=False)
    with pytest.raises(BadJson, match="send: true"):
        sound.say(message)
    sound.set(media, ANN, receive="off", participants=None, send=True)
    sound.say(message)
    with pytest.raises(InvalidRequest, match="3 bytes"):
        sound.say(b"abc")
    assert set(media.legs) == {ANN}
    sound.set(media, ANN, receive="off", participants=None, send=False)
    assert media.legs == {}
    with pytest.raises(BadJson):
        sound.say(message)
