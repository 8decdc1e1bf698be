"""DTMF as values: keys, RFC 4733 telephone-event payloads, SIP INFO bodies, and sequences of key presses.

Nothing here sends or waits. Durations are milliseconds, RTP durations are timestamp units of the event's clock.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from simulator.errors import ConfigurationError

DIGITS = "0123456789*#ABCD"
"""In the order of their event codes (RFC 4733 §3.2): `DIGITS[10]` is `*`."""

PAUSE = ","
"""In a dial string: wait `PAUSE_MS` before the next digit."""
PAUSE_MS = 1000

DigitMethod = Literal["telephone-event", "sip-info"]
InfoType = Literal["application/dtmf-relay", "application/dtmf"]


def check_digits(digits: str, *, field: str = "digits", longest: int | None = None, pauses: bool = False) -> str:
    """`digits` itself, or ConfigurationError that names the first character which is no key."""
    allowed = DIGITS + (PAUSE if pauses else "")
    limit = f" of at most {longest} keys" if longest else ""
    wanted = f"a text{limit} from 0-9 A-D * #" + (f" and {PAUSE} for a pause" if pauses else "")
    if not isinstance(digits, str) or not digits or (longest and len(digits) > longest):
        raise ConfigurationError(field, digits, wanted)
    for character in digits:
        if character not in allowed:
            raise ConfigurationError(field, digits, f"{wanted}; {character!r} is none of them")
    return digits


@dataclass(frozen=True, slots=True)
class TelephoneEvent:
    """The four payload bytes of one RFC 4733 packet (§2.3)."""

    digit: str
    end: bool
    duration: int
    """Timestamp units since the digit began; at most 65535."""
    volume: int = 10
    """Power in -dBm0, 0 (loud) to 63."""

    @classmethod
    def parse(cls, payload: bytes) -> TelephoneEvent | None:
        """None when it is not a DTMF key: too short, or an event code past 15 (tones, flash)."""
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
class EventPacket:
    """One packet of a digit's train: what the RTP header says beside the payload."""

    marker: bool
    timestamp_offset: int
    """Of the digit's first packet relative to the sequence's start; all packets of a digit share it."""
    at_ms: int
    """When to send it, relative to the sequence's start."""
    event: TelephoneEvent


@dataclass(frozen=True, slots=True)
class KeyPress:
    """One key, how long it is held, and the silence after it."""

    digit: str
    duration_ms: int = 100
    gap_ms: int = 100

    def packets(self, *, clock_rate: int = 8000, ptime_ms: int = 20, starts_ms: int = 0) -> Iterator[EventPacket]:
        """The packet train of RFC 4733 §2.5.1: marker first, one packet per `ptime_ms`, the end three times."""
        offset = starts_ms * clock_rate // 1000
        full = min(self.duration_ms * clock_rate // 1000, 0xFFFF)
        for elapsed in range(ptime_ms, self.duration_ms, ptime_ms):
            event = TelephoneEvent(self.digit, end=False, duration=min(elapsed * clock_rate // 1000, 0xFFFF))
            yield EventPacket(elapsed == ptime_ms, offset, starts_ms + elapsed, event)
        last = TelephoneEvent(self.digit, end=True, duration=full)
        single = self.duration_ms <= ptime_ms
        for repeat in range(3):
            yield EventPacket(single and repeat == 0, offset, starts_ms + self.duration_ms + repeat * ptime_ms, last)


def key_presses(digits: str, *, duration_ms: int = 100, gap_ms: int = 100) -> tuple[KeyPress, ...]:
    """A dial string as key presses; a pause lengthens the gap of the key before it (a leading one is refused)."""
    check_digits(digits, pauses=True)
    if digits.startswith(PAUSE):
        raise ConfigurationError("digits", digits, "a text that begins with a key, not with a pause")
    presses: list[KeyPress] = []
    for character in digits:
        if character == PAUSE:
            before = presses.pop()
            presses.append(KeyPress(before.digit, before.duration_ms, before.gap_ms + PAUSE_MS))
        else:
            presses.append(KeyPress(character, duration_ms, gap_ms))
    return tuple(presses)


def length_ms(presses: Sequence[KeyPress]) -> int:
    """From the first key down to the last key up."""
    if not presses:
        return 0
    return sum(first.duration_ms + first.gap_ms for first, _ in pairwise(presses)) + presses[-1].duration_ms


@dataclass(frozen=True, slots=True)
class InfoDigit:
    """A key as a SIP INFO body says it."""

    digit: str
    duration_ms: int

    def body(self, content_type: InfoType = "application/dtmf-relay") -> str:
        """The body for that Content-Type; `application/dtmf` carries the bare key and no duration."""
        if content_type == "application/dtmf":
            return self.digit
        return f"Signal={self.digit}\r\nDuration={self.duration_ms}\r\n"


UNSTATED_DURATION_MS = 250
"""What a body without a duration is taken for, as most senders mean it."""

_SIGNAL = re.compile(r"^\s*Signal\s*=\s*([0-9A-Da-d*#]|1[0-5])\s*$", re.MULTILINE)
_DURATION = re.compile(r"^\s*Duration\s*=\s*(\d{1,5})\s*$", re.MULTILINE)
_BARE = re.compile(r"^\s*([0-9A-Da-d*#]|1[0-5])\s*$")


def parse_info(content_type: str, body: str) -> InfoDigit | None:
    """The key in a SIP INFO, or None when the body is not DTMF. Codes 10 to 15 mean * # A B C D."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/dtmf-relay":
        signal, length = _SIGNAL.search(body), _DURATION.search(body)
    elif kind == "application/dtmf":
        signal, length = _BARE.search(body) or _SIGNAL.search(body), _DURATION.search(body)
    else:
        return None
    if signal is None:
        return None
    key = signal[1].upper()
    digit = DIGITS[int(key)] if len(key) == 2 else key
    return InfoDigit(digit, int(length[1]) if length else UNSTATED_DURATION_MS)
