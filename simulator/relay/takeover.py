"""Speaking in the place of a party: packets of ours in its stream, which goes on afterwards as if nothing had been."""

from __future__ import annotations

import time
from collections.abc import Callable

from simulator.relay.rtp import RtpPacket


class Takeover:
    """One party's RTP stream. `inject` lets a packet in at the relay as if the party had sent it."""

    def __init__(self, inject: Callable[[bytes], None]) -> None:
        self.muted = False
        """While it is, the party's own packets are dropped."""
        self._inject = inject
        self._newest: RtpPacket | None = None
        self._newest_at = 0.0
        self._shift = 0
        self._own: dict[int, int] = {}

    @property
    def begun(self) -> bool:
        """Whether the party has sent a packet; before that there is no stream to take over."""
        return self._newest is not None

    def passing(self, data: bytes) -> bytes | None:
        """What becomes of a packet that the party sends."""
        packet = RtpPacket.parse(data)
        if packet is None:
            return data
        self._newest, self._newest_at = packet, time.monotonic()
        if self.muted:
            self._shift -= 1
            return None
        if self._shift % 0x10000 == 0:
            return data
        sequence = (packet.sequence + self._shift) & 0xFFFF
        return data[:2] + sequence.to_bytes(2, "big") + data[4:]

    def timestamp(self, at: float, clock_rate: int) -> int:
        """What the party's own packets would have at a moment of `time.monotonic()`."""
        if self._newest is None:
            return 0
        return (self._newest.timestamp + int((at - self._newest_at) * clock_rate)) & 0xFFFFFFFF

    def speak(
        self, payload_type: int, timestamp: int, payload: bytes, *, marker: bool = False, ssrc: int | None = None
    ) -> None:
        """Send a packet now: as the next one of the party's stream, or with an `ssrc` as one of a stream beside it."""
        if ssrc is not None:
            self._own[ssrc] = sequence = self._own.get(ssrc, 0) + 1
        else:
            self._shift += 1
            sequence = (self._newest.sequence if self._newest else 0) + self._shift
            ssrc = self._newest.ssrc if self._newest else 0
        packet = RtpPacket(payload_type, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc, payload, marker)
        self._inject(bytes(packet))
