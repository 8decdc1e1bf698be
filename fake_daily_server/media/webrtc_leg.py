"""A WebRTC client in the mixer: its microphone comes as decoded sound, what it hears goes as Opus packets."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING

from fake_daily_server.media.legs import LegCounts
from fake_daily_server.media.opus_voice import OpusVoice, SharedVoices
from fake_daily_server.media.packet_track import PacketTrack
from fake_daily_server.media.playout import Playout

if TYPE_CHECKING:
    from fake_daily_server.media.legs import Frame
    from fake_daily_server.media.opus_voice import AudioPacket


class WebRtcLeg:
    """The legs of a client that gets each voice by itself, in a track of its own.

    `tracks` is replaced, never changed, by the connection's loop; the clock's thread reads it. Packets of one tick
    are handed to the loop together.
    """

    def __init__(self, voices: SharedVoices) -> None:
        self.counts = LegCounts()
        self.playout = Playout(self.counts)
        self.tracks: Mapping[str, PacketTrack] = {}
        """By speaker."""
        self.listens = True
        """Whether what the client says is heard."""
        self._voices = voices
        self._outbox: deque[tuple[PacketTrack, AudioPacket]] = deque()
        self._home = asyncio.get_running_loop()

    def read(self) -> Frame | None:
        """What the client says."""
        frame = self.playout.take()
        return frame if self.listens else None

    def write_voices(self, voices: Mapping[str, Frame]) -> None:
        """What it hears."""
        self._voices.begin(self)
        tracks = self.tracks
        for speaker, frame in voices.items():
            if (track := tracks.get(speaker)) is not None and track.wanted:
                self._outbox.append((track, self._voices.packet(speaker, frame)))

    def write(self, frame: Frame) -> None:
        """End of the tick; the mix is not needed."""
        self._hand_over()

    def close(self) -> None:
        """Nothing waits any more."""
        self._voices.forget(self)
        self._outbox.clear()

    def _hand_over(self) -> None:
        if self._outbox:
            self.counts.written += 1
            self._home.call_soon_threadsafe(self._send)

    def _send(self) -> None:
        while self._outbox:
            try:
                track, packet = self._outbox.popleft()
            except IndexError:
                return
            self.counts.overruns += track.put(packet)


class WebRtcTrackLeg:
    """A custom track of a client: it is heard and hears nothing."""

    def __init__(self) -> None:
        self.counts = LegCounts()
        self.playout = Playout(self.counts)

    def read(self) -> Frame | None:
        """What the track carries."""
        return self.playout.take()

    def write(self, frame: Frame) -> None:
        """Nothing is heard by a track."""

    def close(self) -> None:
        """Nothing to free."""


class WebRtcMixLeg:
    """The leg of a client that gets one track with the mix of everybody and everything."""

    def __init__(self, track: PacketTrack) -> None:
        self.counts = LegCounts()
        self.playout = Playout(self.counts)
        self.listens = True
        """Whether what the client says is heard."""
        self._track = track
        self._voice = OpusVoice()
        self._ticks = 0
        self._home = asyncio.get_running_loop()

    def read(self) -> Frame | None:
        """What the client says."""
        frame = self.playout.take()
        return frame if self.listens else None

    def write(self, frame: Frame) -> None:
        """What it hears."""
        self._ticks += 1
        if self._track.wanted:
            self.counts.written += 1
            self._home.call_soon_threadsafe(self._send, self._voice.encode(frame, self._ticks))

    def close(self) -> None:
        """Nothing to free."""

    def _send(self, packet: AudioPacket) -> None:
        self.counts.overruns += self._track.put(packet)
