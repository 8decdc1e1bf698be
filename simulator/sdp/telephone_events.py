"""The events of a telephone-event format (RFC 4733 §2.4.1), and the clock rate at which they are used."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from simulator.dtmf import DIGITS
from simulator.sdp.formats import OPUS_CLOCK, TELEPHONE_EVENT, Format

DEFAULT_EVENTS = frozenset(range(16))
"""The events of a format that lists none: the 16 DTMF digits."""
OPUS_FALLBACK_EVENT_CLOCK = 8000
"""Clock rate in Hz of the telephone-event that some peers offer beside Opus instead of one at 48 kHz."""


def parse_events(fmtp: str) -> frozenset[int]:
    """The event codes of an `a=fmtp` such as `0-11,16`; malformed parts are skipped.

    Without any it has the 16 digits.
    """
    events: set[int] = set()
    for part in fmtp.lower().removeprefix("events=").split(","):
        first, _, last = part.strip().partition("-")
        if _is_event(first) and (not last or _is_event(last)):
            events.update(range(int(first), int(last or first) + 1))
    return frozenset(events) or DEFAULT_EVENTS


def events_text(events: Iterable[int]) -> str:
    """Write event codes as ranges: `0-11,16`."""
    ranges: list[list[int]] = []
    for event in sorted(events):
        if ranges and event == ranges[-1][1] + 1:
            ranges[-1][1] = event
        else:
            ranges.append([event, event])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


def find_unlisted(digits: str, listed: str) -> str | None:
    """The first of `digits` whose event is not among those `listed`, such as `0-11`; None when all are.

    A sender sends only events that the receiver lists (RFC 4733 §2.4.1). Characters that are no digits are skipped.
    """
    events = parse_events(listed)
    return next((digit for digit in digits if digit in DIGITS and DIGITS.index(digit) not in events), None)


def answered_event(ours: Format, offered: Format) -> Format | None:
    """The format that answers `offered`: its payload type, and those of its events that `ours` has; None without any.

    An answer lists a subset of the offer's events (RFC 4733 §2.4.1).
    """
    common = parse_events(ours.fmtp) & parse_events(offered.fmtp)
    return replace(offered, fmtp=events_text(common)) if common else None


def event_clocks(rtp_clocks: Sequence[int]) -> tuple[int, ...]:
    """Return the clock rates in Hz for telephone-event beside codecs with these RTP clocks, the best first.

    The clock is that of the codec (RFC 4733 §2.1). Beside Opus 8000 Hz will do, because many peers have no other.
    """
    return tuple(dict.fromkeys((*rtp_clocks, *((OPUS_FALLBACK_EVENT_CLOCK,) if OPUS_CLOCK in rtp_clocks else ()))))


def find_event(formats: Iterable[Format], rtp_clock: int) -> Format | None:
    """The telephone-event format beside a codec with this RTP clock; None without one.

    A payload type that is declared at several clock rates counts at this one.
    """
    events = [each for each in formats if each.name == TELEPHONE_EVENT]
    for clock in event_clocks([rtp_clock]):
        for event in events:
            if event.clock_rate == clock:
                return event
    return None


def _is_event(text: str) -> bool:
    return text.isascii() and text.isdecimal() and int(text) < 256
