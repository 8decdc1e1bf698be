"""The `a=fmtp` parameters of Opus (RFC 7587 §6.1): ours, and what the peer's ask of our encoder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PLAYBACK_RATE = 16_000
"""Highest sampling rate in Hz that we ask for: the rate of the worker's PCM."""
LOCAL_FMTP = {
    "maxplaybackrate": str(PLAYBACK_RATE),
    "sprop-maxcapturerate": str(PLAYBACK_RATE),
    "stereo": "0",
    "sprop-stereo": "0",
}
"""Our parameters: wideband and mono in both directions."""

BIT_RATE = 24_000
"""Bits per second, unless the peer wants fewer: RFC 7587 §3.1.1 recommends 16 to 20 kbit/s for wideband speech."""
_MIN_BIT_RATE = 6_000


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """How to encode for one peer."""

    bit_rate: int = BIT_RATE
    constant: bool = False
    """Whether the bit rate is constant."""
    redundancy: bool = False
    """Whether packets carry in-band forward error correction."""

    @classmethod
    def from_fmtp(cls, parameters: Mapping[str, str]) -> EncoderSettings:
        """Follow the peer's `maxaveragebitrate`, `cbr` and `useinbandfec`; values that are not valid are ignored.

        `maxplaybackrate` and `stereo` are followed by the rate and the single channel of the encoder's input.
        """
        text = parameters.get("maxaveragebitrate", "")
        limit = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else BIT_RATE
        return cls(
            bit_rate=max(_MIN_BIT_RATE, min(BIT_RATE, limit)),
            constant=parameters.get("cbr") == "1",
            redundancy=parameters.get("useinbandfec") == "1",
        )
