"""Injection of packets into the RTP stream of a party, which stays continuous for the receiver."""

from __future__ import annotations

import time
from collections.abc import Callable

from simulator.relay.rtp import RtpPacket


class StreamInjector:
    """The RTP stream of one party. `inject` gives a packet to the relay as if the party had sent it."""

    def __init__(self, inject: Callable[[bytes], None]) -> None:
        self.muted = False
        """While this is set the party's own packets are dropped."""
        self._inject = inject
        self._newest: RtpPacket | None = None
        self._newest_at = 0.0
        self._shift = 0
        """Added to the party's sequence numbers: packets injected less packets dropped."""
        self._separate_streams: dict[int, int] = {}
        """SSRC and last sequence number of each stream beside the party's own."""

    @property
    def stream_started(self) -> bool:
        """Whether the party has sent a packet; before that there is no stream to inject packets into."""
        return self._newest is not None

    def rewrite(self, data: bytes) -> bytes | None:
        """A packet of the party with its new sequence number; None when it is dropped."""
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

    def timestamp_at(self, at: float, clock_rate: int) -> int:
        """The RTP timestamp that the party's packets have at a moment of `time.monotonic()`."""
        if self._newest is None:
            return 0
        return (self._newest.timestamp + int((at - self._newest_at) * clock_rate)) & 0xFFFFFFFF

    def send(
        self,
        payload_type: int,
        timestamp: int,
        payload: bytes,
        *,
        marker: bool = False,
        ssrc: int | None = None,
        sequence: int | None = None,
    ) -> int:
        """Inject a packet now: as the next one of the party's stream, or of a separate stream with this `ssrc`.

        Returns its sequence number. `sequence` is that of an earlier packet, for one that repeats it.
        """
        if sequence is None:
            sequence = self._next_sequence(ssrc)
        if ssrc is None:
            ssrc = self._newest.ssrc if self._newest else 0
        self._inject(bytes(RtpPacket(payload_type, sequence, timestamp & 0xFFFFFFFF, ssrc, payload, marker)))
        return sequence

    def _next_sequence(self, ssrc: int | None) -> int:
        if ssrc is not None:
            self._separate_streams[ssrc] = number = self._separate_streams.get(ssrc, 0) + 1
        else:
            self._shift += 1
            number = (self._newest.sequence if self._newest else 0) + self._shift
        return number & 0xFFFF
