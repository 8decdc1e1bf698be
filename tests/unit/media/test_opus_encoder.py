"""One Opus encoder for each speaker of a room: shared by all who hear it, and freed when the speaker leaves."""

from __future__ import annotations

import asyncio

from fake_daily_server.media.encoded_audio_track import EncodedAudioTrack
from fake_daily_server.media.opus_encoder import SharedOpusEncoders
from fake_daily_server.media.room_media import RoomMedia
from fake_daily_server.media.webrtc_leg import WebRtcPerSpeakerLeg
from fake_daily_server.values.participants import Participant
from tests.unit.media.fakes import FakeLeg, ManualClock, constant


class Room:
    """A room with speakers, whom one WebRTC client hears."""

    def __init__(self, *speakers: str) -> None:
        self.clock = ManualClock()
        self.participants = {id_: Participant(session_id=id_, user_id=id_) for id_ in ("client", *speakers)}
        self.media = RoomMedia(self.clock, lambda: self.participants, lambda *_, **__: None)
        self.client = WebRtcPerSpeakerLeg(self.media.encoders)
        self.media.attach("client", self.client)
        for speaker in speakers:
            self.media.attach(speaker, FakeLeg(1000))

    def hear(self, *keys: str) -> frozenset[str]:
        """Give the client a track with a sender for each key, tick twice, and return who has an encoder."""
        self.client.tracks = {key: EncodedAudioTrack() for key in keys}
        for track in self.client.tracks.values():
            track.has_sender = True
        self.clock.tick(2)
        return self.media.encoders.speakers


async def test_the_encoder_of_a_participant_is_freed_when_it_leaves() -> None:
    room = Room("ann", "bob")
    assert room.hear("ann", "bob") == {"ann", "bob"}
    room.media.detach("bob")
    assert room.media.encoders.speakers == {"ann"}
    assert room.hear("ann", "bob") == {"ann"}


async def test_the_encoder_of_a_named_track_is_freed_when_the_track_ends() -> None:
    room = Room("ann")
    room.media.attach_track("music", FakeLeg(1000), owner="ann", name="music")
    assert room.hear("ann", "music") == {"ann", "music"}
    room.media.detach_track("music")
    assert room.media.encoders.speakers == {"ann"}
    room.media.attach_track("music", FakeLeg(1000), owner="ann", name="music")
    assert room.hear("ann", "music") == {"ann", "music"}
    room.media.detach("ann")
    assert room.media.encoders.speakers == frozenset()


async def test_the_encoder_of_a_failed_leg_is_freed() -> None:
    room = Room("ann")
    failing = FakeLeg(1000)
    room.media.attach("bob", failing)
    room.participants["bob"] = Participant(session_id="bob", user_id="bob")
    room.media.permissions_changed()
    assert room.hear("bob") == {"bob"}
    failing.be_gone()
    assert room.hear("bob") == {"bob"}
    await asyncio.sleep(0)  # the failed leg is removed by a callback on the loop
    assert room.media.encoders.speakers == frozenset()


def test_listeners_of_one_tick_share_the_packet_of_a_speaker() -> None:
    encoders = SharedOpusEncoders()
    for leg in ("one", "other"):
        encoders.begin_tick(leg)
    assert encoders.packet("ann", constant(1000)) is encoders.packet("ann", constant(1000))
    first = encoders.packet("ann", constant(1000))
    encoders.begin_tick("one")
    second = encoders.packet("ann", constant(1000))
    assert second is not first
    assert (first.pts, second.pts) == (320, 640)
