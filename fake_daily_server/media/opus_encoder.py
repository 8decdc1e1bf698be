"""Opus packets of 20 ms, encoded once per speaker for all WebRTC connections of a room that hear it."""

from __future__ import annotations

import threading
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from av import AudioFrame, CodecContext

from fake_daily_server.media.audio_frame import FRAME_SAMPLES, SAMPLE_RATE

if TYPE_CHECKING:
    from av import Packet
    from av.audio.codeccontext import AudioCodecContext
    from av.audio.stream import AudioStream

    from fake_daily_server.media.audio_frame import Frame

    AudioPacket: TypeAlias = Packet[AudioStream]

_BIT_RATE = 32_000
_TIME_BASE = Fraction(1, SAMPLE_RATE)


class OpusEncoder:
    """The encoder of one speaker: 16 kHz mono and low delay, which costs a tenth of 48 kHz stereo."""

    def __init__(self) -> None:
        codec: AudioCodecContext = CodecContext.create("libopus", "w")
        codec.bit_rate = _BIT_RATE
        codec.format = "s16"
        codec.layout = "mono"
        codec.sample_rate = SAMPLE_RATE
        codec.time_base = _TIME_BASE
        codec.options = {"application": "lowdelay"}
        self._codec = codec
        self._encoded = 0

    def encode(self, frame: Frame, tick: int) -> AudioPacket:
        """Encode a frame; the timestamp of the packet is that of this tick, in samples of 16 kHz."""
        audio = AudioFrame.from_ndarray(frame.reshape(1, FRAME_SAMPLES), format="s16", layout="mono")
        audio.sample_rate = SAMPLE_RATE
        audio.time_base = _TIME_BASE
        audio.pts = self._encoded * FRAME_SAMPLES
        self._encoded += 1
        (packet,) = self._codec.encode(audio)
        packet.pts = packet.dts = tick * FRAME_SAMPLES
        packet.time_base = _TIME_BASE
        return packet


class SharedOpusEncoders:
    """The encoders of a room, one for each speaker that a WebRTC leg has asked for.

    In each tick every leg calls `begin_tick` and then `packet` for each speaker that it sends, on the media clock's
    thread. The loop calls `remove_speaker` when a leg or track has left the room.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._encoders: dict[str, OpusEncoder] = {}
        self._packets: dict[str, AudioPacket] = {}
        """The packets of this tick, by speaker."""
        self._begun: set[object] = set()
        """Legs that have begun this tick."""
        self._tick = 0

    @property
    def speakers(self) -> frozenset[str]:
        """The speakers that have an encoder."""
        with self._lock:
            return frozenset(self._encoders)

    def begin_tick(self, leg: object) -> None:
        """Note that `leg` asks for packets of the next tick: a new tick starts when it had begun the current one."""
        with self._lock:
            if not self._begun or leg in self._begun:
                self._begun.clear()
                self._packets.clear()
                self._tick += 1
            self._begun.add(leg)

    def packet(self, speaker: str, frame: Frame) -> AudioPacket:
        """Return this tick's packet of `speaker`; the first leg that asks has `frame` encoded."""
        with self._lock:
            packet = self._packets.get(speaker)
            if packet is None:
                encoder = self._encoders.get(speaker)
                if encoder is None:
                    encoder = self._encoders[speaker] = OpusEncoder()
                packet = self._packets[speaker] = encoder.encode(frame, self._tick)
            return packet

    def remove_leg(self, leg: object) -> None:
        """Forget a leg that will ask for no more packets."""
        with self._lock:
            self._begun.discard(leg)
            if not self._begun:
                self._packets.clear()

    def remove_speaker(self, speaker: str) -> None:
        """Free the encoder of a speaker that has left the mix. Does nothing when it has none."""
        with self._lock:
            self._encoders.pop(speaker, None)
