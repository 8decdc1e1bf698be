"""Payload types and their encodings (RFC 3551, RFC 4855), and the encodings that are audio codecs of this project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

TELEPHONE_EVENT = "TELEPHONE-EVENT"

CODECS: Mapping[str, tuple[int, int]] = {
    "OPUS": (48_000, 2),
    "G722": (8000, 1),
    "PCMU": (8000, 1),
    "PCMA": (8000, 1),
    "GSM": (8000, 1),
    "ILBC": (8000, 1),
    "SPEEX": (8000, 1),
}
"""Audio codecs by encoding name: clock rate of the RTP timestamps in Hz, and channels.

Opus has 48 kHz and two channels whatever it carries (RFC 7587 §7), G722 a clock of 8 kHz (RFC 3551 §4.5.2).
"""
OPUS_CLOCK = CODECS["OPUS"][0]
FRAME_MS: Mapping[str, int] = {"OPUS": 20, "G722": 10, "PCMU": 10, "PCMA": 10, "GSM": 20, "ILBC": 30, "SPEEX": 20}
"""Audio in one frame of each codec, of which a packet has a whole number."""

_STATIC: Mapping[int, tuple[str, int, int]] = {
    0: ("PCMU", 8000, 1),
    3: ("GSM", 8000, 1),
    4: ("G723", 8000, 1),
    8: ("PCMA", 8000, 1),
    9: ("G722", 8000, 1),
    13: ("CN", 8000, 1),
    15: ("G728", 8000, 1),
    18: ("G729", 8000, 1),
}
"""Payload types that need no rtpmap (RFC 3551 §6)."""
_NOT_CODECS = (TELEPHONE_EVENT, "CN", "RED")
_WIRE_NAMES = {TELEPHONE_EVENT: "telephone-event", "OPUS": "opus", "ILBC": "iLBC", "SPEEX": "speex"}
_G722_BY_ITS_SAMPLING_RATE = (9, "G722", 16_000, 1)
"""How some peers declare G722, which samples at 16 kHz; payload type 9 leaves no doubt."""


@dataclass(frozen=True, slots=True)
class Format:
    """One payload type of a section. `name` is its encoding name in upper case: names have no case (RFC 4855 §3)."""

    payload_type: int
    name: str
    clock_rate: int
    channels: int = 1
    fmtp: str = ""
    """The parameters of its `a=fmtp`."""

    @property
    def encoding(self) -> tuple[str, int, int]:
        """Name, clock rate and channels: formats with the same ones are the same (RFC 3264 §6.1)."""
        return self.name, self.clock_rate, self.channels

    @property
    def codec(self) -> str | None:
        """Name of the codec of this project that this is; None for a telephone-event, another clock or other channels.

        >>> Format(96, "OPUS", 48_000).codec is None  # one channel
        True
        """
        return self.name if CODECS.get(self.name) == (self.clock_rate, self.channels) else None

    @property
    def is_audio(self) -> bool:
        """Whether it carries sound: no telephone-event, comfort noise or redundancy."""
        return self.name not in _NOT_CODECS

    @property
    def attributes(self) -> tuple[str, ...]:
        """Its `a=rtpmap`, and its `a=fmtp` if it has parameters."""
        channels = f"/{self.channels}" if self.channels != 1 else ""
        name = _WIRE_NAMES.get(self.name, self.name)
        rtpmap = f"a=rtpmap:{self.payload_type} {name}/{self.clock_rate}{channels}"
        return (rtpmap, f"a=fmtp:{self.payload_type} {self.fmtp}") if self.fmtp else (rtpmap,)

    def __str__(self) -> str:
        channels = f"/{self.channels}" if self.channels != 1 else ""
        return f"{self.name}/{self.clock_rate}{channels}"


def static_format(payload_type: int) -> Format | None:
    """The format of a payload type that needs no rtpmap; None for others."""
    known = _STATIC.get(payload_type)
    return Format(payload_type, *known) if known else None


@lru_cache(maxsize=256)
def parse_rtpmap(value: str) -> Format | None:
    """Parse the value of an `a=rtpmap`, such as `96 opus/48000/2`; None when it is malformed."""
    number, _, encoding = value.strip().partition(" ")
    name, clock, channels, *_ = [*(part.strip() for part in encoding.split("/")), "", "", ""]
    numbers = (number, clock, channels or "1")
    if not name or not all(text.isascii() and text.isdecimal() and len(text) < 8 for text in numbers):
        return None
    read = (int(number), name.upper(), int(clock), int(channels or "1"))
    if read == _G722_BY_ITS_SAMPLING_RATE:
        return static_format(9)
    return Format(*read)
