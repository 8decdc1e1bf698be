"""Voices as Opus packets of 20 ms, each encoded once for all WebRTC connections of a room that hear it."""

from __future__ import annotations

import threading
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from av import AudioFrame, CodecContext

from fake_daily_server.media.legs import RATE, SAMPLES

if TYPE_CHECKING:
    from av import Packet
    from av.audio.codeccontext import AudioCodecContext
    from av.audio.stream import AudioStream

    from fake_daily_server.media.legs import Frame

    AudioPacket: TypeAlias = Packet[AudioStream]

_BIT_RATE = 32_000
_TIME_BASE = Fraction(1, RATE)


class OpusVoice:
    """One speaker. Encodes at 16 kHz mono and low delay, which costs a tenth of what 48 kHz stereo does."""

    def __init__(self) -> None:
        codec: AudioCodecContext = CodecContext.create("libopus", "w")
        codec.bit_rate = _BIT_RATE
        codec.format = "s16"
        codec.layout = "mono"
        codec.sample_rate = RATE
        codec.time_base = _TIME_BASE
        codec.options = {"application": "lowdelay"}
        self._codec = codec
        self._encoded = 0

    def encode(self, frame: Frame, number: int) -> AudioPacket:
        """20 ms of sound as the packet with this number; timestamps count 16 kHz samples of all numbers."""
        sound = AudioFrame.from_ndarray(frame.reshape(1, SAMPLES), format="s16", layout="mono")
        sound.sample_rate = RATE
        sound.time_base = _TIME_BASE
        sound.pts = self._encoded * SAMPLES
        self._encoded += 1
        (packet,) = self._codec.encode(sound)
        packet.pts = packet.dts = number * SAMPLES
        packet.time_base = _TIME_BASE
        return packet


class SharedVoices:
    """The voices of a room. Each leg asks once in every tick, on the clock's thread, and says so by `begin`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._voices: dict[str, OpusVoice] = {}
        self._packets: dict[str, AudioPacket] = {}
        """Of this tick."""
        self._served: set[object] = set()
        """Legs that have begun in this tick."""
        self._tick = 0

    def begin(self, leg: object) -> None:
        """`leg` takes its packets of the next tick; when it has had those of this one, the next one has come."""
        with self._lock:
            if not self._served or leg in self._served:
                self._served.clear()
                self._packets.clear()
                self._tick += 1
            self._served.add(leg)

    def packet(self, speaker: str, frame: Frame) -> AudioPacket:
        """What `speaker` says in this tick."""
        with self._lock:
            packet = self._packets.get(speaker)
            if packet is None:
                voice = self._voices.get(speaker)
                if voice is None:
                    voice = self._voices[speaker] = OpusVoice()
                packet = self._packets[speaker] = voice.encode(frame, self._tick)
            return packet

    def forget(self, leg: object) -> None:
        """A leg asks no more."""
        with self._lock:
            self._served.discard(leg)
            if not self._served:
                self._packets.clear()

    def keep_only(self, speakers: frozenset[str]) -> None:
        """Drop the encoders of everybody else, who has left the room."""
        with self._lock:
            for gone in self._voices.keys() - speakers:
                del self._voices[gone]
