"""A digit that is to be sent as telephone-event (RFC 4733), in the media that a call has at the moment."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.errors import CallError, ConfigurationError
from simulator.sdp.telephone_events import find_unlisted
from simulator.useragent import messages as m

_LONGEST_UNITS = 0xFFFF
"""Timestamp units that the duration field of a packet can express (RFC 4733 §2.3)."""


@dataclass(frozen=True, slots=True)
class OutgoingDigit:
    """A digit, and the payload type and clock rate of its telephone-event packets."""

    digit: str
    duration_ms: int
    payload_type: int
    """The negotiated payload type of telephone-event."""
    clock_rate: int
    """Clock rate of the audio's RTP timestamps in Hz."""

    @classmethod
    def in_media(cls, media: m.Media | None, digit: str, duration_ms: int, *, segments: bool) -> OutgoingDigit:
        """The digit in this media. CallError without a negotiated telephone-event that lists the digit.

        Without `segments` (RFC 4733 §2.5.1.3) ConfigurationError for a duration of more than 65535 timestamp units.
        """
        if media is None or media.telephone_event is None:
            raise CallError("telephone-event was not negotiated in this call; sip-info works without it")
        if find_unlisted(digit, media.listed_events) is not None:
            listed = f"the peer lists the events {media.listed_events}, and {digit} is none of them"
            raise CallError(f"{listed}; sip-info works without that")
        longest_ms = _LONGEST_UNITS * 1000 // media.clock_rate
        if not segments and duration_ms > longest_ms:
            allowed = f"at most {longest_ms} beside {media.codec} without the relay, because PJSIP sends no segments"
            raise ConfigurationError("duration_ms", duration_ms, allowed)
        return cls(digit, duration_ms, media.telephone_event, media.clock_rate)


def check_not_held(media: m.Media | None) -> None:
    """Raise CallError when the peer holds the call, so that no RTP may be sent (RFC 3264 §8.4)."""
    if media is not None and media.direction not in ("sendrecv", "sendonly"):
        raise CallError(f"the peer holds the call, and no RTP is sent ({media.direction})")
