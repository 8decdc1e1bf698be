"""DTMF digits as values: dial strings, payloads of telephone-events (RFC 4733), and bodies of SIP INFO.

Only conversions, without I/O. Durations are in milliseconds, those of telephone-events in RTP timestamp units.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import Literal

from simulator.errors import ConfigurationError

DIGITS = "0123456789*#ABCD"
"""All DTMF digits, in the order of their event codes (RFC 4733 §3.2): `DIGITS[10]` is `*`."""

PAUSE = ","
"""In a dial string: wait `PAUSE_MS` milliseconds before the next digit."""
PAUSE_MS = 1000

DigitMethod = Literal["telephone-event", "sip-info"]
InfoType = Literal["application/dtmf-relay", "application/dtmf"]


def check_digits(digits: str, *, field: str = "digits", longest: int | None = None, pauses: bool = False) -> str:
    """Return `digits`. Raises ConfigurationError, which names `field`, if they are no DTMF digits.

    `longest` limits the number of digits; `pauses` also allows `,`.
    """
    allowed = DIGITS + (PAUSE if pauses else "")
    limit = f" of at most {longest} digits" if longest else ""
    wanted = f"a text{limit} from 0-9 A-D * #" + (f" and {PAUSE} for a pause" if pauses else "")
    if not isinstance(digits, str) or not digits or (longest and len(digits) > longest):
        raise ConfigurationError(field, digits, wanted)
    for character in digits:
        if character not in allowed:
            raise ConfigurationError(field, digits, f"{wanted}; {character!r} is not one of them")
    return digits


@dataclass(frozen=True, slots=True)
class TelephoneEvent:
    """The payload of one telephone-event packet: four bytes (RFC 4733 §2.3)."""

    digit: str
    end: bool
    """The E bit: the digit has ended."""
    duration: int
    """RTP timestamp units since the digit began; at most 65535."""
    volume: int = 10
    """Power in -dBm0, 0 (loud) to 63."""

    @classmethod
    def parse(cls, payload: bytes) -> TelephoneEvent | None:
        """Parse a payload; None if it is not a DTMF digit: too short, or an event code above 15."""
        if len(payload) < 4:
            return None
        event, flags, duration = struct.unpack_from("!BBH", payload)
        if event >= len(DIGITS):
            return None
        return cls(DIGITS[event], bool(flags & 0x80), duration, flags & 0x3F)

    def __bytes__(self) -> bytes:
        flags = (0x80 if self.end else 0) | (self.volume & 0x3F)
        return struct.pack("!BBH", DIGITS.index(self.digit), flags, self.duration)


@dataclass(frozen=True, slots=True)
class InfoDigit:
    """A digit in the body of a SIP INFO request (RFC 6086)."""

    digit: str
    duration_ms: int

    def body(self, content_type: InfoType = "application/dtmf-relay") -> str:
        """The body for a Content-Type; that of `application/dtmf` is the digit alone, without a duration."""
        if content_type == "application/dtmf":
            return self.digit
        return f"Signal={self.digit}\r\nDuration={self.duration_ms}\r\n"


UNSTATED_DURATION_MS = 250
"""The duration assumed for a SIP INFO body without one, as most senders mean it."""

_SIGNAL = re.compile(r"^\s*Signal\s*=\s*([0-9A-Da-d*#]|1[0-5])\s*$", re.MULTILINE)
_DURATION = re.compile(r"^\s*Duration\s*=\s*(\d{1,5})\s*$", re.MULTILINE)
_BARE = re.compile(r"^\s*([0-9A-Da-d*#]|1[0-5])\s*$")


def parse_info(content_type: str, body: str) -> InfoDigit | None:
    """Parse a SIP INFO body; None if it is not a DTMF digit. The codes 10 to 15 are * # A B C D."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/dtmf-relay":
        signal, length = _SIGNAL.search(body), _DURATION.search(body)
    elif kind == "application/dtmf":
        signal, length = _BARE.search(body) or _SIGNAL.search(body), _DURATION.search(body)
    else:
        return None
    if signal is None:
        return None
    code = signal[1].upper()
    digit = DIGITS[int(code)] if len(code) == 2 else code
    return InfoDigit(digit, int(length[1]) if length else UNSTATED_DURATION_MS)
