"""DTMF digits as values: dial strings, payloads of telephone-events (RFC 4733), and bodies of SIP INFO.

Only conversions, without I/O. Durations are in milliseconds, those of telephone-events in RTP timestamp units.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import Literal, get_args

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


SHORTEST_INFO_MS, LONGEST_INFO_MS = 100, 5000
"""What a receiver makes of shorter and longer durations: Cisco's "SIP INFO Method for DTMF Tone Generation" has these
limits, and draft-kaplan-dispatch-info-dtmf-package-00 §5.2 allows no others."""
UNSTATED_DURATION_MS = 250
"""The duration assumed for a SIP INFO body without one, as in Cisco's document."""

_DIGIT = re.compile(r"[0-9A-D*#]|1[0-5]", re.IGNORECASE)
_MILLISECONDS = re.compile(r"[0-9]{1,18}")
"""Of a number with more digits the first 18, which are more than enough to be too long."""
_LINE_ENDS = re.compile(r"[\r\n]+")


@dataclass(frozen=True, slots=True)
class ReceivedInfoDigit:
    """A digit that came in a SIP INFO."""

    digit: str
    duration_ms: int
    """How long it lasts: `stated_ms` within the limits above."""
    stated_ms: int | None
    """The duration in the body; None without a readable one."""


def parse_info(content_type: str, body: str) -> ReceivedInfoDigit | None:
    """Parse a SIP INFO body; None if it is not a DTMF digit. The codes 10 to 15 are * # A B C D.

    No RFC says what such a body looks like, so that what receivers in the field tolerate is read, too: names in any
    case, spaces, lines that end with CR or LF alone or are unknown, and durations with a unit behind them.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in get_args(InfoType):
        return None
    fields = _info_fields(body)
    signal = fields.get("signal", body.strip() if kind == "application/dtmf" else "")
    if not _DIGIT.fullmatch(signal):
        return None
    digit = DIGITS[int(signal)] if len(signal) == 2 else signal.upper()
    stated = _MILLISECONDS.match(fields.get("duration", ""))
    if stated is None:
        return ReceivedInfoDigit(digit, UNSTATED_DURATION_MS, None)
    milliseconds = int(stated[0])
    return ReceivedInfoDigit(digit, min(max(milliseconds, SHORTEST_INFO_MS), LONGEST_INFO_MS), milliseconds)


def _info_fields(body: str) -> dict[str, str]:
    """The lines `name=value` of a body, with names in lower case; of several with one name the first."""
    fields: dict[str, str] = {}
    for line in _LINE_ENDS.split(body):
        name, equals, value = line.partition("=")
        if equals:
            fields.setdefault(name.strip().lower(), value.strip())
    return fields
