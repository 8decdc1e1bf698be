"""A client's audio as binary messages: their layout, its legs in the mix, and when messages are accepted."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from fake_daily_server.media.audio_message import MESSAGE_BYTES, AudioMessage
from fake_daily_server.media.pcm_leg import MOST_RECEIVED_AHEAD, MOST_UNSENT, PcmLeg, PcmPerSpeakerLeg
from fake_daily_server.media.room_media import RoomMedia
from fake_daily_server.signalling.client_audio_frames import ClientAudioFrames
from fake_daily_server.values.errors import BadJson, InvalidRequest
from fake_daily_server.values.participants import Participant
from tests.unit.media.fakes import FakeLeg, ManualClock, constant

ANN = str(uuid.UUID(int=7))


def test_a_message_of_the_mix_has_the_documented_layout() -> None:
    message = bytes(AudioMessage(None, constant(0x0102).tobytes()))
    assert len(message) == MESSAGE_BYTES == 658
    assert message[:18] == bytes([1, 0, *[0] * 16])
    assert message[18:22] == bytes([2, 1, 2, 1])
    assert AudioMessage.parse(message) == AudioMessage(None, constant(0x0102).tobytes())


def test_a_message_of_one_speaker_has_the_documented_layout() -> None:
    message = bytes(AudioMessage(ANN, constant(1).tobytes()))
    assert message[:18] == bytes([1, 1, *[0] * 15, 7])
    assert AudioMessage.parse(message).source_id == ANN


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
def test_a_malformed_message_is_an_error_that_names_the_byte(message: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        AudioMessage.parse(message)


async def test_each_message_is_taken_once_and_announced() -> None:
    announced: list[None] = []
    leg = PcmLeg(lambda: announced.append(None), receives=True)
    leg.write(constant(1))
    leg.write(constant(2))
    await asyncio.sleep(0)
    assert len(announced) == 1
    taken = [leg.take(), leg.take()]
    assert [AudioMessage.parse(message or b"").pcm[:1] for message in taken] == [b"\1", b"\2"]
    assert leg.take() is None
    leg.write(constant(3))
    await asyncio.sleep(0)
    assert len(announced) == 2


async def test_a_client_that_does_not_read_loses_the_oldest_messages() -> None:
    leg = PcmLeg(lambda: None, receives=True)
    for value in range(MOST_UNSENT + 5):
        leg.write(constant(value))
    oldest = leg.take()
    assert oldest is not None
    assert AudioMessage.parse(oldest).pcm[0] == 5
    assert leg.counts.overruns == 5


async def test_a_client_that_sends_too_far_ahead_loses_the_oldest_frames() -> None:
    leg = PcmLeg(lambda: None, receives=False)
    for value in range(MOST_RECEIVED_AHEAD + 3):
        leg.received.put_pcm(constant(value).tobytes())
    frame = leg.read()
    assert frame is not None
    assert frame[0] == 3
    assert leg.counts.overruns == 3
    leg.write(constant(1))
    assert leg.take() is None, "the client does not receive"


async def test_only_the_wanted_speakers_are_sent() -> None:
    other = str(uuid.UUID(int=8))
    leg = PcmPerSpeakerLeg(lambda: None, wanted=frozenset({ANN}))
    leg.write_speakers({ANN: constant(1), other: constant(2)})
    leg.write(constant(3))
    taken = leg.take()
    assert taken is not None
    assert AudioMessage.parse(taken).source_id == ANN
    assert leg.take() is None


async def test_many_speakers_do_not_shorten_the_queue() -> None:
    ids = [str(uuid.UUID(int=number)) for number in range(10)]
    leg = PcmPerSpeakerLeg(lambda: None)
    for _ in range(MOST_UNSENT):
        leg.write_speakers({session_id: constant(1) for session_id in ids})
    assert leg.counts.overruns == 0
    leg.write_speakers({session_id: constant(1) for session_id in ids})
    assert leg.counts.overruns == 10


async def test_audio_is_refused_before_it_is_turned_on_and_after_it_is_turned_off() -> None:
    media = RoomMedia(ManualClock(), dict, lambda *_, **__: None)
    audio = ClientAudioFrames(lambda: None)
    message = bytes(AudioMessage(None, constant(1).tobytes()))
    with pytest.raises(BadJson, match="binary"):
        audio.receive(message)
    audio.set(media, ANN, receive="mix", participants=None, send=False, tracks={})
    with pytest.raises(BadJson, match="send: true"):
        audio.receive(message)
    audio.set(media, ANN, receive="off", participants=None, send=True, tracks={})
    audio.receive(message)
    with pytest.raises(InvalidRequest, match="3 bytes"):
        audio.receive(b"abc")
    assert set(media.legs) == {ANN}
    audio.set(media, ANN, receive="off", participants=None, send=False, tracks={})
    assert media.legs == {}
    with pytest.raises(BadJson):
        audio.receive(message)


async def test_audio_already_sent_is_heard_when_only_what_is_received_changes() -> None:
    clock = ManualClock()
    media = RoomMedia(clock, dict, lambda *_, **__: None)
    other = FakeLeg()
    media.attach("other", other)
    audio = ClientAudioFrames(lambda: None)
    audio.set(media, ANN, receive="mix", participants=None, send=True, tracks={})
    for value in range(1, 5):
        audio.receive(bytes(AudioMessage(None, constant(value).tobytes())))
    clock.tick()
    audio.set(media, ANN, receive="participants", participants=None, send=True, tracks={})
    clock.tick(3)
    assert other.heard == [1, 2, 3, 4]
    assert media.statistics()[ANN].read == 4
    audio.set(media, ANN, receive="mix", participants=None, send=False, tracks={})
    assert media.statistics()[ANN].read == 0, "audio already sent is dropped with the microphone"


async def test_a_deliberate_pause_is_no_underrun() -> None:
    leg = PcmLeg(lambda: None, receives=False)
    loud, pause = constant(1).tobytes(), b""
    for pcm in (loud, pause):
        leg.received.put_pcm(pcm)
    heard = [leg.read() is not None for _ in range(10)]
    assert heard == [True, *[False] * 9]
    leg.received.put_pcm(loud)
    assert leg.read() is not None
    assert leg.counts.underruns == 0
    leg.read()
    leg.received.put_pcm(loud)
    leg.read()
    assert leg.counts.underruns == 1, "this frame came too late"


async def test_named_tracks_are_added_and_removed() -> None:
    clock = ManualClock()
    people = {id_: Participant(session_id=id_, user_id=id_) for id_ in (ANN, "listener")}
    media = RoomMedia(clock, lambda: people, lambda *_, **__: None)
    listener = FakeLeg()
    media.attach("listener", listener)
    music, alarm = (str(uuid.UUID(int=number)) for number in (20, 21))
    audio = ClientAudioFrames(lambda: None)
    audio.set(media, ANN, receive="mix", participants=None, send=True, tracks={"music": music, "alarm": alarm})
    assert set(media.legs) == {ANN, "listener", music, alarm}
    for speaker, value in ((None, 1), (music, 10), (alarm, 100)):
        audio.receive(bytes(AudioMessage(speaker, constant(value).tobytes())))
    clock.tick()
    assert listener.heard == [111]
    taken = audio.take()
    assert taken is not None
    assert AudioMessage.parse(taken).pcm == constant(0).tobytes(), "a client does not hear its own tracks"
    with pytest.raises(InvalidRequest, match="is no track of this client"):
        audio.receive(bytes(AudioMessage(str(uuid.UUID(int=22)), constant(1).tobytes())))
    audio.set(media, ANN, receive="off", participants=None, send=False, tracks={"alarm": alarm})
    assert set(media.legs) == {"listener", alarm}
    with pytest.raises(BadJson, match="send: true"):
        audio.receive(bytes(AudioMessage(None, constant(1).tobytes())))
    audio.receive(bytes(AudioMessage(alarm, constant(7).tobytes())))
    clock.tick()
    assert listener.heard == [111, 7]
    media.detach(ANN)
    assert set(media.legs) == {"listener"}
