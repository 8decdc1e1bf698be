"""Legs of WebRTC clients: received audio is decoded for the mixer, sent audio is encoded as Opus packets."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING

from fake_daily_server.media.encoded_audio_track import EncodedAudioTrack
from fake_daily_server.media.leg import LegCounts
from fake_daily_server.media.opus_encoder import OpusEncoder, SharedOpusEncoders
from fake_daily_server.media.playout_buffer import ROOM_LIMITS, PlayoutBuffer, PlayoutLimits

if TYPE_CHECKING:
    from fake_daily_server.media.audio_frame import Frame
    from fake_daily_server.media.opus_encoder import AudioPacket


class WebRtcPerSpeakerLeg:
    """The leg of a client that receives each speaker separately, on one track per speaker.

    The connection's loop replaces `tracks` and never changes the mapping in place, since the media clock's thread
    reads it. The packets of one tick are passed to the loop together.
    """

    def __init__(self, encoders: SharedOpusEncoders) -> None:
        self.counts = LegCounts()
        self.playout = PlayoutBuffer(self.counts)
        """The buffer into which the connection puts the samples from the client's microphone."""
        self.tracks: Mapping[str, EncodedAudioTrack] = {}
        """The track for each speaker, by the speaker's key."""
        self.microphone_on = True
        """Whether the client's microphone is on, so that the client is heard."""
        self._encoders = encoders
        self._outbox: deque[tuple[EncodedAudioTrack, AudioPacket]] = deque()
        self._event_loop = asyncio.get_running_loop()

    def read(self) -> Frame | None:
        """Return the next frame from the client; None while its microphone is off, or if none has arrived in time."""
        frame = self.playout.take()
        return frame if self.microphone_on else None

    def write_speakers(self, frames: Mapping[str, Frame]) -> None:
        """Encode the frames of the speakers that have a track, and keep the packets until the end of the tick."""
        self._encoders.begin_tick(self)
        tracks = self.tracks
        for speaker, frame in frames.items():
            if (track := tracks.get(speaker)) is not None and track.has_sender:
                self._outbox.append((track, self._encoders.packet(speaker, frame)))

    def write(self, frame: Frame) -> None:
        """Pass the packets of this tick to the loop; the mix is not needed."""
        if self._outbox:
            self.counts.written += 1
            self._event_loop.call_soon_threadsafe(self._send)

    def close(self) -> None:
        """Discard the packets that were not sent."""
        self._encoders.remove_leg(self)
        self._outbox.clear()

    def _send(self) -> None:
        while self._outbox:
            try:
                track, packet = self._outbox.popleft()
            except IndexError:
                return
            self.counts.overruns += track.put(packet)


class WebRtcTrackLeg:
    """The leg of a client's custom audio track, which only sends: it is heard and hears nothing."""

    def __init__(self) -> None:
        self.counts = LegCounts()
        self.playout = PlayoutBuffer(self.counts)
        """The buffer into which the connection puts the samples of the track."""

    def read(self) -> Frame | None:
        """Return the next frame of the track."""
        return self.playout.take()

    def write(self, frame: Frame) -> None:
        """Discard the frame."""

    def close(self) -> None:
        """Do nothing: there is nothing to release."""


class WebRtcMixLeg:
    """The leg of a client that receives one track with the mix and the playbacks."""

    def __init__(self, track: EncodedAudioTrack, limits: PlayoutLimits = ROOM_LIMITS) -> None:
        """`limits` are those of the buffer from the client."""
        self.counts = LegCounts()
        self.playout = PlayoutBuffer(self.counts, limits)
        """The buffer into which the connection puts the samples from the client's microphone."""
        self.microphone_on = True
        """Whether the client's microphone is on, so that the client is heard."""
        self._track = track
        self._encoder = OpusEncoder()
        self._ticks = 0
        self._event_loop = asyncio.get_running_loop()

    def read(self) -> Frame | None:
        """Return the next frame from the client; None while its microphone is off, or if none has arrived in time."""
        frame = self.playout.take()
        return frame if self.microphone_on else None

    def write(self, frame: Frame) -> None:
        """Encode the mix and send it."""
        self._ticks += 1
        if self._track.has_sender:
            self.counts.written += 1
            self._event_loop.call_soon_threadsafe(self._send, self._encoder.encode(frame, self._ticks))

    def close(self) -> None:
        """Do nothing: there is nothing to release."""

    def _send(self, packet: AudioPacket) -> None:
        self.counts.overruns += self._track.put(packet)
