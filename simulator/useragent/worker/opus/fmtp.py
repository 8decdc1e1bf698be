"""What the peer's `a=fmtp` asks of an Opus encoder (RFC 7587 §6.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PLAYBACK_RATE = 16_000
"""Hz that our own `a=fmtp` asks for, as the worker's sound is of that rate."""
OWN = {
    "maxplaybackrate": str(PLAYBACK_RATE),
    "sprop-maxcapturerate": str(PLAYBACK_RATE),
    "stereo": "0",
    "sprop-stereo": "0",
}
"""Our parameters: wideband and mono, both ways."""

BIT_RATE = 24_000
"""Bits per second unless the peer wants fewer: wideband speech (RFC 7587 §3.1.1 has 16 to 20 kbit/s for it)."""
_LEAST_BIT_RATE = 6_000


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """How to encode for a peer."""

    bit_rate: int = BIT_RATE
    constant: bool = False
    """A constant bit rate."""
    redundancy: bool = False
    """In-band forward error correction."""

    @classmethod
    def asked_for(cls, parameters: Mapping[str, str]) -> EncoderSettings:
        """`maxaveragebitrate`, `cbr` and `useinbandfec`; nonsense is as good as nothing.

        `maxplaybackrate` and `stereo` are honoured by the rate and the one channel of the encoder's input.
        """
        most = parameters.get("maxaveragebitrate", "")
        limit = int(most) if most.isascii() and most.isdecimal() and len(most) < 10 else BIT_RATE
        return cls(
            bit_rate=max(_LEAST_BIT_RATE, min(BIT_RATE, limit)),
            constant=parameters.get("cbr") == "1",
            redundancy=parameters.get("useinbandfec") == "1",
        )
